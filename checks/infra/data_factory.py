"""Data Factory uses the database and the account that are made, and containers that exist."""

from collections.abc import Iterator
from typing import Final

from checks.adf.json_walk import walk
from checks.finding import Finding
from checks.infra.expressions import shown
from checks.infra.facts import Fact, broken
from checks.infra.snapshots import Snapshot

_LINKED: Final = "Microsoft.DataFactory/factories/linkedservices"
_CONTAINERS: Final = "Microsoft.Storage/storageAccounts/blobServices/containers"


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each property that names something else."""
    yield from broken(snapshot.file, _services(snapshot))
    yield from broken(snapshot.file, _containers(snapshot))


def _services(snapshot: Snapshot) -> Iterator[Fact]:
    because = "this resource is made for it"
    database = snapshot.the(_LINKED, "database").properties["typeProperties"]
    server = f"{{{snapshot.the('Microsoft.Sql/servers').name}.fullyQualifiedDomainName}}"
    yield Fact("database.server", shown(database["server"]), server, because)
    yield Fact("database.database", database["database"], snapshot.outputs["DATABASE"], because)
    storage = snapshot.the(_LINKED, "storage").properties["typeProperties"]
    endpoint = f"{{{snapshot.outputs['STORAGE']}.primaryEndpoints.blob}}"
    yield Fact("storage.serviceEndpoint", shown(storage["serviceEndpoint"]), endpoint, because)


def _containers(snapshot: Snapshot) -> Iterator[Fact]:
    account = snapshot.the("Microsoft.Storage/storageAccounts", snapshot.outputs["STORAGE"])
    trigger = snapshot.the("Microsoft.DataFactory/factories/triggers").properties["typeProperties"]
    yield Fact("trigger.scope", trigger["scope"], account.id, "the CSV arrives in this account")
    policy = snapshot.the("Microsoft.Storage/storageAccounts/managementPolicies").properties
    (rule,) = policy["policy"]["rules"]
    made = {found.name.rpartition("/")[2] for found in snapshot.of_type(_CONTAINERS)}
    pipeline = snapshot.the("Microsoft.DataFactory/factories/pipelines").properties
    named = [("trigger", trigger["blobPathBeginsWith"].split("/")[1])]
    named += [
        ("pipeline", str(value).partition("/")[0])
        for path, value in walk(pipeline)
        if path.endswith((".logLocationSettings.path", ".parameters.container.defaultValue"))
    ]
    mortal = [prefix.split("/")[0] for prefix in rule["definition"]["filters"]["prefixMatch"]]
    kept = named[0][1] not in mortal
    yield Fact("life of blobs: the data set is kept", kept, True, "it is loaded from there")
    named += [("life of blobs", container) for container in mortal]
    for what, container in named:
        exists = container in made
        yield Fact(f"{what}: container {container}", exists, True, "the template makes it")
