"""Azure Managed Redis fits the URL by which the app opens it."""

import re
from collections.abc import Iterator
from typing import Final

from checks.finding import Finding
from checks.infra.expressions import shown
from checks.infra.facts import Fact, broken
from checks.infra.snapshots import Snapshot

_SCHEMES: Final = {
    "NoCluster": "rediss",
    "EnterpriseCluster": "rediss",
    "OSSCluster": "rediss+cluster",
}
"""The scheme of the app's URL, by the clustering policy: only OSSCluster redirects a client."""
_LARGEST_WITHOUT_CLUSTER: Final = 20
"""Sizes are named in GB; a database that is no cluster has at most 25."""


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each property that the app could not use."""
    yield from broken(snapshot.file, _facts(snapshot))


def url(snapshot: Snapshot) -> str:
    """How the app must open the database."""
    cluster = snapshot.the("Microsoft.Cache/redisEnterprise").name
    database = snapshot.the("Microsoft.Cache/redisEnterprise/databases").properties
    scheme = _SCHEMES[database["clusteringPolicy"]]
    return f"{scheme}://{{{cluster}.hostName}}:{database['port']}?auth=entra"


def _facts(snapshot: Snapshot) -> Iterator[Fact]:
    database = snapshot.the("Microsoft.Cache/redisEnterprise/databases").properties
    because = "the app's URL begins with rediss"
    yield Fact("redis.clientProtocol", database.get("clientProtocol"), "Encrypted", because)
    yield Fact("redis.port", database["port"], 10000, "Azure Managed Redis listens on this port")
    policy = database["evictionPolicy"].startswith("Volatile")
    because = "known versions do not expire, and must not be evicted"
    yield Fact("redis.evictionPolicy keeps what does not expire", policy, True, because)
    if database["clusteringPolicy"] == "NoCluster":
        sku = snapshot.the("Microsoft.Cache/redisEnterprise").body["sku"]["name"]
        fits = int(re.sub(r"\D", "", sku)) <= _LARGEST_WITHOUT_CLUSTER
        because = "a database that is no cluster has at most 25 GB"
        yield Fact(f"redis.sku {sku} fits", fits, True, because)
    assignment = "Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments"
    given = snapshot.the(assignment).properties
    because = "Azure Managed Redis has no other policy"
    yield Fact("redis.accessPolicyName", given["accessPolicyName"], "default", because)
    user = shown(given["user"]["objectId"])
    wanted = f"{{{snapshot.outputs['APP_IDENTITY']}.principalId}}"
    yield Fact("redis.user", user, wanted, "Redis knows an identity by its principal id")
