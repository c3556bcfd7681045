"""Azure SQL can be reached by the app and by Data Factory."""

from collections.abc import Iterator
from typing import Final

from checks.finding import Finding
from checks.infra.facts import Fact, broken
from checks.infra.snapshots import Snapshot

_AZURE: Final = "0.0.0.0"  # noqa: S104 - not an address to listen on


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each property that blocks them or admits other addresses."""
    yield from broken(snapshot.file, _facts(snapshot))


def _facts(snapshot: Snapshot) -> Iterator[Fact]:
    server = snapshot.the("Microsoft.Sql/servers").properties
    because = "the app or, in a network of its own, the deployment connects to the public address"
    yield Fact("sql.publicNetworkAccess", server.get("publicNetworkAccess"), "Enabled", because)
    rules = [
        (rule.properties["startIpAddress"], rule.properties["endIpAddress"])
        for rule in snapshot.of_type("Microsoft.Sql/servers/firewallRules")
    ]
    because = "this range means Azure's addresses, and nothing else may be open"
    if not snapshot.is_private:
        yield Fact("sql.firewallRules", rules, [(_AZURE, _AZURE)], because)
