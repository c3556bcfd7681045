"""The activities of a pipeline, including those inside conditions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from checks.adf.json_walk import strings

_INNER: Final = ("ifTrueActivities", "ifFalseActivities")
_CONTROL: Final = {"IfCondition", "Fail"}
"""Types without a policy (timeout, retries): Data Factory decides them at once."""


@dataclass(frozen=True, slots=True)
class Activity:
    """`path` leads to it in the document; `outer` is the condition that contains it."""

    document: Mapping[str, Any]
    path: str
    siblings: Sequence[Mapping[str, Any]]
    outer: "Activity | None" = None

    @property
    def name(self) -> str:
        return str(self.document.get("name"))

    @property
    def type(self) -> str:
        return str(self.document.get("type"))

    @property
    def properties(self) -> Mapping[str, Any]:
        found = self.document.get("typeProperties")
        return found if isinstance(found, dict) else {}

    @property
    def has_policy(self) -> bool:
        return self.type not in _CONTROL

    @property
    def dependencies(self) -> Mapping[str, Sequence[str]]:
        """The activities that it waits for, and the outcomes after which it runs."""
        return {
            str(dependency.get("activity")): dependency.get("dependencyConditions", [])
            for dependency in self.document.get("dependsOn", [])
        }

    def own_strings(self) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of its strings, without those of the activities inside it."""
        properties = {name: item for name, item in self.properties.items() if name not in _INNER}
        return strings(dict(self.document) | {"typeProperties": properties}, self.path)

    def failure_path(self) -> set[str]:
        """Return the names of the activities on its level that run only after something failed."""
        siblings = [Activity(sibling, "", ()) for sibling in self.siblings]
        found = {
            sibling.name
            for sibling in siblings
            if any("Failed" in conditions for conditions in sibling.dependencies.values())
        }
        while (
            following := {
                sibling.name for sibling in siblings if found & sibling.dependencies.keys()
            }
            - found
        ):
            found |= following
        return found

    def upstream(self) -> set[str]:
        """Return the names of all activities that end, or are skipped, before it starts."""
        by_name = {str(sibling.get("name")): sibling for sibling in self.siblings}
        found: set[str] = set()
        waiting = list(self.dependencies)
        while waiting:
            name = waiting.pop()
            if name not in found and name in by_name:
                found.add(name)
                waiting += Activity(by_name[name], "", ()).dependencies
        return found | (self.outer.upstream() if self.outer else set())


def activities(
    container: Mapping[str, Any], path: str = ".properties", outer: Activity | None = None
) -> Iterator[Activity]:
    """Yield the activities in the properties of a pipeline or a condition."""
    for key in ("activities", *_INNER):
        siblings = container.get(key, [])
        for document in siblings:
            inner_path = f"{path}.{key}[{document.get('name')}]"
            activity = Activity(document, inner_path, siblings, outer)
            yield activity
            yield from activities(activity.properties, inner_path, activity)
