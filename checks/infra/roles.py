"""Which identity has which role on which resource."""

from collections.abc import Iterator, Mapping
from typing import Final

from checks.finding import Finding
from checks.infra.expressions import shown
from checks.infra.facts import Fact, broken
from checks.infra.snapshots import Resource, Snapshot

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
BUILT_IN: Final[Mapping[str, str]] = {
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "3bc748fc-213d-45c1-8d91-9da5725539b9": "ContainerRegistryContributor",
    "4633458b-17de-408a-b874-0445c86b69e6": "KeyVaultSecretsUser",
    "3913510d-42f4-4e42-8a64-420c390055eb": "MonitoringMetricsPublisher",
    "056cd41c-7e88-42e1-933e-88ba6a50c9c3": "SqlSecurityManager",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "StorageBlobDataContributor",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "StorageBlobDataOwner",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "StorageBlobDataReader",
    "de139f84-1756-47ae-9be6-808fbbe84772": "WebsiteContributor",
}
"""The built-in roles that are used, by Microsoft's ids."""

GRANTED: Final = {
    ("app", "AcrPull", "registries"),
    ("app", "KeyVaultSecretsUser", "vaults"),
    ("app", "MonitoringMetricsPublisher", "components"),
    ("app", "StorageBlobDataOwner", "storageAccounts of the host"),
    ("app", "StorageBlobDataReader", "container raw"),
    ("deployment", "AcrPush", "registries"),
    ("deployment", "WebsiteContributor", "sites"),
    ("factory", "StorageBlobDataContributor", "container load-logs"),
    ("factory", "StorageBlobDataReader", "container raw"),
    ("preview", "its own", "resourceGroups"),
}
"""Who may do what, where; docs/deploy.md has the same table for people."""
GRANTED_IN_A_NETWORK: Final = {
    ("deployment", "ContainerRegistryContributor", "registries"),
    ("deployment", "SqlSecurityManager", "servers"),
}
"""With a network of its own, the deployment opens the firewalls for itself, and closes them."""


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each role that is missing, and for each that is not in the table."""
    assignments = snapshot.of_type("Microsoft.Authorization/roleAssignments")
    granted = {_granted(snapshot, assignment) for assignment in assignments}
    wanted = GRANTED | GRANTED_IN_A_NETWORK if snapshot.is_private else GRANTED
    for identity, role, scope in sorted(wanted - granted):
        yield Finding(snapshot.file, scope, f"the {identity} lacks the role {role}")
    for identity, role, scope in sorted(granted - wanted):
        message = f"the {identity} has the role {role}, which checks/infra/roles.py does not list"
        yield Finding(snapshot.file, scope, message)
    because = "Entra does not know a new identity everywhere at once"
    yield from broken(
        snapshot.file,
        (
            Fact(found.name, found.properties.get("principalType"), "ServicePrincipal", because)
            for found in assignments
        ),
    )


def _granted(snapshot: Snapshot, assignment: Resource) -> tuple[str, str, str]:
    principal = shown(assignment.properties["principalId"]).partition(".")[0].strip("{")
    identities = {
        snapshot.outputs["APP_IDENTITY"]: "app",
        snapshot.outputs["DEPLOY_IDENTITY"]: "deployment",
        snapshot.outputs["FACTORY"]: "factory",
        snapshot.outputs["PLAN_IDENTITY"]: "preview",
    }
    own = {snapshot.the("Microsoft.Authorization/roleDefinitions").name: "its own"}
    role = assignment.properties["roleDefinitionId"].rpartition("/")[2]
    return (
        identities.get(principal, principal),
        (own | dict(BUILT_IN)).get(role, role),
        _scope(snapshot, assignment.scope),
    )


def _scope(snapshot: Snapshot, scope: str) -> str:
    *_, kind, name = scope.split("/")
    if kind == "containers":
        return f"container {name}"
    settings = snapshot.the("Microsoft.Web/sites/config", "appsettings").properties
    host = name == settings["AzureWebJobsStorage__accountName"]
    return f"{kind} of the host" if host else kind
