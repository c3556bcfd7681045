"""Reads Data Factory's git layout: a folder for each kind, a file for each resource."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from checks.finding import Finding

_FACTORY: Final = "Microsoft.DataFactory/factories"
TYPES: Final[Mapping[str, str]] = {
    "factory": _FACTORY,
    "linkedService": f"{_FACTORY}/linkedservices",
    "dataset": f"{_FACTORY}/datasets",
    "pipeline": f"{_FACTORY}/pipelines",
    "trigger": f"{_FACTORY}/triggers",
}
"""The folders, and the types of the resources in them."""

_SETTINGS: Final = {"publish_config.json", "arm-template-parameters-definition.json"}


@dataclass(frozen=True, slots=True)
class Resource:
    """The content of a file; `file` is its path within the factory's folder."""

    kind: str
    file: str
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.document.get("name", ""))

    @property
    def properties(self) -> Mapping[str, Any]:
        found = self.document.get("properties")
        return found if isinstance(found, dict) else {}

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters that it declares, by name: `{type, defaultValue}`."""
        found = self.properties.get("parameters")
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Factory:
    """All resources of the factory."""

    resources: Sequence[Resource]

    def of(self, kind: str) -> Mapping[str, Resource]:
        """Return the resources of one kind, by name."""
        return {resource.name: resource for resource in self.resources if resource.kind == kind}


def read(folder: Path) -> tuple[Factory, list[Finding]]:
    """Return the factory, without the files that cannot be used, and the faults of those."""
    resources: list[Resource] = []
    findings: list[Finding] = []
    for path in sorted(folder.rglob("*.json")):
        file = path.relative_to(folder).as_posix()
        try:
            document = json.loads(path.read_text("utf-8"), object_pairs_hook=_unique)
        except ValueError as error:
            findings.append(Finding(file, "", f"is no JSON: {error}"))
            continue
        kind = path.parent.name
        if file in _SETTINGS:
            continue
        findings += (Finding(file, "", fault) for fault in _misplaced(path, kind, document))
        if kind in TYPES and isinstance(document, dict):
            resources.append(Resource(kind, file, document))
    return Factory(resources), findings


def _misplaced(path: Path, kind: str, document: Any) -> Iterator[str]:
    if kind not in TYPES:
        yield "is in no folder that Data Factory reads"
    elif not isinstance(document, dict):
        yield "must hold an object"
    elif document.get("name") != path.stem:
        yield f"its name, {document.get('name')!r}, must be the file's"
    elif document.get("type", TYPES[kind]) != TYPES[kind]:
        yield f"its type, {document['type']!r}, is not that of its folder"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raise ValueError for a duplicate key: json would silently drop the first."""
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return document
