"""No resource accepts a password or a key: everyone signs in with Entra, GitHub's runs too."""

from collections.abc import Iterator
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


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each other kind of sign-in, and if GitHub's runs cannot sign in."""
    yield from broken(snapshot.file, _keys(snapshot))
    yield from broken(snapshot.file, _github(snapshot))


def _keys(snapshot: Snapshot) -> Iterator[Fact]:
    for kind, path, wanted in WANTED:
        for resource in snapshot.of_type(kind):
            found: Any = resource.properties
            for name in path.split("."):
                found = found.get(name, {})
            yield Fact(f"{resource.name}.{path}", found, wanted, _BECAUSE)


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
