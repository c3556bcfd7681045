"""The outputs are what the scripts of infra/ take under the same names."""

from collections.abc import Iterator, Mapping
from typing import Final

from checks.finding import Finding
from checks.infra.expressions import shown
from checks.infra.facts import Fact, broken
from checks.infra.snapshots import Snapshot

_NAMES: Final[Mapping[str, str]] = {
    "APP": "Microsoft.Web/sites",
    "FACTORY": "Microsoft.DataFactory/factories",
    "VAULT": "Microsoft.KeyVault/vaults",
}
"""Outputs that are the name of the only resource of a type."""
_PROPERTIES: Final = (
    ("REGISTRY", "Microsoft.ContainerRegistry/registries", "{{{}.loginServer}}"),
    ("SQL_SERVER", "Microsoft.Sql/servers", "{{{}.fullyQualifiedDomainName}}"),
    ("FACTORY_PRINCIPAL_ID", "Microsoft.DataFactory/factories", "{{{}.identity.principalId}}"),
    ("URL", "Microsoft.Web/sites", "https://{{{}.defaultHostName}}"),
    ("STAGING_URL", "Microsoft.Web/sites/slots", "https://{{{}.defaultHostName}}"),
)
_IDENTITIES: Final = (
    ("APP_PRINCIPAL_ID", "APP_IDENTITY", "principalId"),
    ("DEPLOY_PRINCIPAL_ID", "DEPLOY_IDENTITY", "principalId"),
    ("DEPLOY_CLIENT_ID", "DEPLOY_IDENTITY", "clientId"),
    ("PLAN_CLIENT_ID", "PLAN_IDENTITY", "clientId"),
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each output that is missing or something else."""
    yield from broken(snapshot.file, _facts(snapshot))


def _facts(snapshot: Snapshot) -> Iterator[Fact]:
    given = {name: shown(value) for name, value in snapshot.outputs.items()}
    wanted = {name: snapshot.the(kind).name for name, kind in _NAMES.items()}
    for name, kind, text in _PROPERTIES:
        wanted[name] = text.format(snapshot.the(kind).name.rpartition("/")[2])
    for name, identity, part in _IDENTITIES:
        wanted[name] = f"{{{given[identity]}.{part}}}"
    for name, value in wanted.items():
        yield Fact(f"output {name}", given.get(name), value, "the scripts of infra/ take it so")
