"""Production's snapshot with a mistake in it, and what the checks of infra/ say about it."""

import json
from typing import Any

from checks.infra.rules import of_snapshot
from checks.infra.snapshots import Snapshot, parsed
from local.hosted import REPOSITORY

INFRA = REPOSITORY / "infra"


def production() -> Any:
    return json.loads((INFRA / "snapshots" / "prod.snapshot.json").read_text("utf-8"))


def changed(kind: str, name: str, path: str, value: object) -> Snapshot:
    """Production's snapshot, with a property of one resource replaced or, if None, removed.

    `name` is a part of the id of the resource.
    """
    document = production()
    *parents, last = path.split(".")
    owner = next(
        found
        for found in document["predictedResources"]
        if found["type"] == f"Microsoft.{kind}" and name in found["id"]
    )
    for parent in parents:
        owner = owner[int(parent) if isinstance(owner, list) else parent]
    owner.pop(last)
    if value is not None:
        owner[last] = value
    return parsed("prod.snapshot.json", document)


def told(snapshot: Snapshot) -> str:
    return "\n".join(map(str, of_snapshot(snapshot, INFRA)))
