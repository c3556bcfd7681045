"""The names of resources keep Azure's rules of length and characters.

The rules: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.
An environment's names depend on its kind, dev or prod, and on a hash that is always 13 characters.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from checks.finding import Finding
from checks.infra.snapshots import Snapshot

_GUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DEFAULT: Final = "(?i:default)"
_HYPHENS_INSIDE: Final = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_NETWORK: Final = r"[A-Za-z0-9]([\w.-]{0,78}\w)?"
_LONG: Final = r"[^<>*%&:\\?+/#]{1,259}[^<>*%&:\\?+/# .]"

RULES: Final[Mapping[str, str]] = {
    "Microsoft.Authorization/roleAssignments": _GUID,
    "Microsoft.Authorization/roleDefinitions": _GUID,
    "Microsoft.Cache/redisEnterprise": r"(?=.{1,60}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*",
    "Microsoft.Cache/redisEnterprise/databases": "default",
    "Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments": "[A-Za-z0-9]{1,60}",
    "Microsoft.Consumption/budgets": r"[\w-]{1,63}",
    "Microsoft.ContainerRegistry/registries": "[A-Za-z0-9]{5,50}",
    "Microsoft.ContainerRegistry/registries/tasks": r"[\w-]{5,50}",
    "Microsoft.DataFactory/factories": f"(?=.{{3,63}}$){_HYPHENS_INSIDE}",
    "Microsoft.DataFactory/factories/datasets": r"\w{1,260}",
    "Microsoft.DataFactory/factories/integrationRuntimes": f"(?=.{{3,63}}$){_HYPHENS_INSIDE}",
    "Microsoft.DataFactory/factories/linkedservices": r"\w{1,260}",
    "Microsoft.DataFactory/factories/managedVirtualNetworks": "default",
    "Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints": (
        r"\w([\w-]{0,125}\w)?"
    ),
    "Microsoft.DataFactory/factories/pipelines": r"\w{1,140}",
    "Microsoft.DataFactory/factories/triggers": r"\w{1,260}",
    "Microsoft.Insights/actionGroups": _LONG,
    "Microsoft.Insights/components": _LONG,
    "Microsoft.Insights/diagnosticSettings": _LONG,
    "Microsoft.Insights/metricAlerts": _LONG,
    "Microsoft.Insights/scheduledQueryRules": _LONG,
    "Microsoft.Insights/webtests": _LONG,
    "Microsoft.Insights/workbooks": _GUID,
    "Microsoft.KeyVault/vaults": f"(?=.{{3,24}}$)(?!.*--)(?=[A-Za-z]){_HYPHENS_INSIDE}",
    "Microsoft.ManagedIdentity/userAssignedIdentities": r"[A-Za-z0-9][\w-]{2,127}",
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": (
        r"[A-Za-z0-9][\w-]{2,119}"
    ),
    "Microsoft.Network/networkSecurityGroups": _NETWORK,
    "Microsoft.Network/privateDnsZones": r"(?=.{1,253}$)\w[\w-]{0,62}(\.\w[\w-]{0,62})+",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": _NETWORK,
    "Microsoft.Network/privateEndpoints": f"(?=.{{2,64}}$){_NETWORK}",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": _NETWORK,
    "Microsoft.Network/virtualNetworks": f"(?=.{{2,64}}$){_NETWORK}",
    "Microsoft.OperationalInsights/workspaces": f"(?=.{{4,63}}$){_HYPHENS_INSIDE}",
    "Microsoft.Sql/servers": "(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?",
    "Microsoft.Sql/servers/auditingSettings": _DEFAULT,
    "Microsoft.Sql/servers/databases": r"[^<>*%&:\\/?]{1,127}[^<>*%&:\\/?. ]",
    "Microsoft.Sql/servers/firewallRules": r"[^<>*%&:\\/?]{1,127}[^<>*%&:\\/?.]",
    "Microsoft.Sql/servers/securityAlertPolicies": _DEFAULT,
    "Microsoft.Storage/storageAccounts": "[a-z0-9]{3,24}",
    "Microsoft.Storage/storageAccounts/blobServices": "default",
    "Microsoft.Storage/storageAccounts/blobServices/containers": (
        "(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*"
    ),
    "Microsoft.Storage/storageAccounts/managementPolicies": "default",
    "Microsoft.Web/serverfarms": "[A-Za-z0-9-]{1,60}",
    "Microsoft.Web/sites": f"(?=.{{2,60}}$){_HYPHENS_INSIDE}",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": "ftp|scm",
    "Microsoft.Web/sites/config": "appsettings|slotConfigNames",
    "Microsoft.Web/sites/slots": f"(?=.{{2,59}}$){_HYPHENS_INSIDE}",
    "Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies": "ftp|scm",
    "Microsoft.Web/sites/slots/config": "appsettings",
}
"""A pattern for the last part of a name, by the type of the resource."""


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each name that Azure would refuse, and for a second use of a name."""
    seen: set[str] = set()
    for resource in snapshot.resources:
        name = resource.name.rpartition("/")[2]
        rule = RULES.get(resource.type)
        if rule is None:
            message = f"no rule for names of {resource.type}: add it to checks/infra/names.py"
            yield Finding(snapshot.file, resource.name, message)
        elif not re.fullmatch(rule, name):
            message = f"is no name of {resource.type} ({len(name)} characters): {rule}"
            yield Finding(snapshot.file, resource.name, message)
        if resource.id.lower() in seen:
            yield Finding(snapshot.file, resource.id, "is made twice")
        seen.add(resource.id.lower())
