"""Everyone signs in with Entra, GitHub's runs too; nothing travels as plain text."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from checks.finding import Finding
from checks.infra.facts import Fact, broken
from checks.infra.snapshots import Snapshot

_IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_ISSUER: Final = "https://token.actions.githubusercontent.com"
_BECAUSE: Final = "no resource accepts a password or a key"
WANTED: Final = (
    ("Microsoft.Cache/redisEnterprise/databases", "accessKeysAuthentication", "Disabled"),
    ("Microsoft.ContainerRegistry/registries", "adminUserEnabled", False),
    ("Microsoft.ContainerRegistry/registries", "anonymousPullEnabled", False),
    ("Microsoft.Insights/components", "DisableLocalAuth", True),
    ("Microsoft.KeyVault/vaults", "enableRbacAuthorization", True),
    ("Microsoft.OperationalInsights/workspaces", "features.disableLocalAuth", True),
    ("Microsoft.Sql/servers", "administrators.azureADOnlyAuthentication", True),
    ("Microsoft.Storage/storageAccounts", "allowBlobPublicAccess", False),
    ("Microsoft.Storage/storageAccounts", "allowSharedKeyAccess", False),
    ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "allow", False),
    ("Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies", "allow", False),
)
"""A type, a property, and the value with which only Entra can give access."""
ENCRYPTED: Final = (
    ("Microsoft.Cache/redisEnterprise", "minimumTlsVersion", "1.2"),
    ("Microsoft.Sql/servers", "minimalTlsVersion", "1.2"),
    ("Microsoft.Storage/storageAccounts", "minimumTlsVersion", "TLS1_2"),
    ("Microsoft.Storage/storageAccounts", "supportsHttpsTrafficOnly", True),
    ("Microsoft.Web/sites", "httpsOnly", True),
    ("Microsoft.Web/sites", "siteConfig.minTlsVersion", "1.2"),
    ("Microsoft.Web/sites/slots", "httpsOnly", True),
    ("Microsoft.Web/sites/slots", "siteConfig.minTlsVersion", "1.2"),
)
"""A type, a property, and the value that refuses plain text and old TLS."""


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each other sign-in, for plain text, and if GitHub cannot sign in."""
    yield from broken(snapshot.file, _properties(snapshot, WANTED, _BECAUSE))
    yield from broken(
        snapshot.file, _properties(snapshot, ENCRYPTED, "nothing travels as plain text")
    )
    yield from broken(snapshot.file, _github(snapshot))


def _properties(
    snapshot: Snapshot, table: Iterable[tuple[str, str, object]], because: str
) -> Iterator[Fact]:
    for kind, path, wanted in table:
        for resource in snapshot.of_type(kind):
            found: Any = resource.properties
            for name in path.split("."):
                found = found.get(name, {})
            yield Fact(f"{resource.name}.{path}", found, wanted, because)


def _github(snapshot: Snapshot) -> Iterator[Fact]:
    deploys = snapshot.the(_IDENTITY, snapshot.outputs["DEPLOY_IDENTITY"])
    for credential in snapshot.of_type(f"{_IDENTITY}/federatedIdentityCredentials"):
        given = credential.properties
        because = "GitHub's tokens say so"
        yield Fact(f"{credential.name}.issuer", given["issuer"], _ISSUER, because)
        audiences = ["api://AzureADTokenExchange"]
        yield Fact(f"{credential.name}.audiences", given["audiences"], audiences, because)
        environment = given["subject"].partition(":environment:")[2]
        deployed = deploys.body["tags"]["environment"]
        wanted = deployed if credential.owner == deploys.id else "plan"
        because = "only runs of this environment of GitHub's may sign in"
        yield Fact(f"{credential.name}.subject", environment, wanted, because)
