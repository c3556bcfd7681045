"""The activities of a pipeline, those inside conditions too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from checks.adf.expressions.values import strings

_INNER: Final = ("ifTrueActivities", "ifFalseActivities")
_CONTROL: Final = {"IfCondition", "Fail"}
"""Decided by the service at once: they have no policy."""


@dataclass(frozen=True, slots=True)
class Activity:
    """`outer` is the condition that it stands in."""

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
        """The activities it waits for, and the conditions under which it then runs."""
        return {
            str(dependency.get("activity")): dependency.get("dependencyConditions", [])
            for dependency in self.document.get("dependsOn", [])
        }

    def own_strings(self) -> Iterator[tuple[str, str]]:
        """(path, text) of its strings, without those of the activities inside it."""
        properties = {name: item for name, item in self.properties.items() if name not in _INNER}
        return strings(dict(self.document) | {"typeProperties": properties}, self.path)

    def upstream(self) -> set[str]:
        """Every activity that has finished, or was skipped, when this one starts."""
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
    """The activities of a pipeline's properties, or of those of a condition."""
    for key in ("activities", *_INNER):
        siblings = container.get(key, [])
        for document in siblings:
            inner_path = f"{path}.{key}[{document.get('name')}]"
            activity = Activity(document, inner_path, siblings, outer)
            yield activity
            yield from activities(activity.properties, inner_path, activity)
