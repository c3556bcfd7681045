"""Every resource that is named by its id is made in the same deployment."""

import json
import re
from collections.abc import Iterator
from typing import Final

from checks.finding import Finding
from checks.infra.snapshots import Resource, Snapshot

_ID: Final = re.compile(r"/subscriptions/[^'\"\\\s,)]+/providers/[^'\"\\\s,)]+")
_MADE_BY_AZURE: Final = ("/providers/microsoft.authorization/roledefinitions/", "/databases/master")


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each id of a resource that nobody makes."""
    made = {id_.lower() for resource in snapshot.resources for id_ in _ids(resource)}
    for resource in snapshot.resources:
        named = {*_ID.findall(json.dumps(resource.body)), resource.owner or resource.id}
        for id_ in sorted(named):
            if id_.lower() not in made and not any(part in id_.lower() for part in _MADE_BY_AZURE):
                yield Finding(snapshot.file, resource.name, f"refers to {id_}, which is not made")


def _ids(resource: Resource) -> Iterator[str]:
    """The ids that a resource makes: its own, and those of a network's subnets."""
    yield resource.id
    for subnet in resource.properties.get("subnets", []):
        yield f"{resource.id}/subnets/{subnet['name']}"
