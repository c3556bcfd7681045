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

    @property
    def owner(self) -> str | None:
        """The id of the resource that this one extends or is a part of, or None."""
        if "/providers/" in self.scope:
            return self.scope
        return self.id.rsplit("/", 2)[0] if self.type.count("/") > 1 else None

    @property
    def scope_type(self) -> str:
        """The type of the resource that this one extends."""
        namespace, *parts = self.scope.rpartition("/providers/")[2].split("/")
        return "/".join([namespace, *parts[::2]])


@dataclass(frozen=True)
class Snapshot:
    """What one deployment makes."""

    file: str
    resources: Sequence[Resource]
    outputs: Mapping[str, Any]

    @property
    def is_private(self) -> bool:
        """Whether the environment has a network of its own."""
        return bool(self.of_type("Microsoft.Network/virtualNetworks"))

    def of_type(self, kind: str) -> Sequence[Resource]:
        return [found for found in self.resources if found.type.lower() == kind.lower()]

    def the(self, kind: str, name: str | None = None) -> Resource:
        """Return the one resource of a type; `name` is the last part of its name.

        Raises LookupError if there is none or another one.
        """
        found = [
            resource
            for resource in self.of_type(kind)
            if name is None or resource.name.rpartition("/")[2] == name
        ]
        if len(found) != 1:
            raise LookupError(f"single {kind} {name or ''}".rstrip())
        return found[0]


def read(infra: Path) -> Sequence[Snapshot]:
    """Return the snapshots of all environments."""
    return [_read(path) for path in sorted((infra / "snapshots").glob("*.snapshot.json"))]


def _read(path: Path) -> Snapshot:
    return parsed(path.name, json.loads(path.read_text("utf-8")))


def parsed(file: str, document: Mapping[str, Any]) -> Snapshot:
    """Return the snapshot that a file holds."""
    resources = [
        Resource(found["id"], found["type"], found["name"], found)
        for found in document["predictedResources"]
    ]
    return Snapshot(file, resources, document["outputs"])
