"""The snapshots: every resource of an environment, with its final name and properties."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Resource:
    """One resource. A value that only Azure knows is an expression, `[reference('id').name]`."""

    id: str
    type: str
    name: str
    body: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body.get("properties", {})
        return found

    @property
    def scope(self) -> str:
        """The id of the resource that this one extends, as a role assignment does."""
        return self.id.rpartition(f"/providers/{self.type}/")[0]


@dataclass(frozen=True)
class Snapshot:
    """What one deployment makes."""

    file: str
    resources: Sequence[Resource]
    outputs: Mapping[str, Any]

    def of_type(self, kind: str) -> Sequence[Resource]:
        return [found for found in self.resources if found.type.lower() == kind.lower()]

    def the(self, kind: str, name: str | None = None) -> Resource:
        """Return the one resource of a type; `name` is the last part of its name."""
        (found,) = (
            found
            for found in self.of_type(kind)
            if name is None or found.name.rpartition("/")[2] == name
        )
        return found


def read(infra: Path) -> Sequence[Snapshot]:
    """Return the snapshots of all environments."""
    return [_read(path) for path in sorted((infra / "snapshots").glob("*.snapshot.json"))]


def _read(path: Path) -> Snapshot:
    document = json.loads(path.read_text("utf-8"))
    resources = [
        Resource(found["id"], found["type"], found["name"], found)
        for found in document["predictedResources"]
    ]
    return Snapshot(path.name, resources, document.get("outputs", {}))
