"""The model of each type of resource.

A package describes one version of the API, so the templates must use that version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    package: str
    version: str
    model: str


def _of(package: str, version: str, **models: str) -> dict[str, Kind]:
    """Return kinds by the last part of their types, in which `_` stands for `/`."""
    return {
        name.replace("_", "/"): Kind(f"azure.mgmt.{package}", version, model)
        for name, model in models.items()
    }


def _under(provider: str, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    return {f"{provider}/{name}".lower(): kind for name, kind in kinds.items()}


_MONITOR: Final = {
    **_of(
        "applicationinsights.v2020_02_02", "2020-02-02", components="ApplicationInsightsComponent"
    ),
    **_of("applicationinsights.v2023_06_01", "2023-06-01", workbooks="Workbook"),
    **_of("monitor.v2018_03_01", "2018-03-01", metricAlerts="MetricAlertResource"),
    **_of(
        "monitor.v2021_05_01_preview",
        "2021-05-01-preview",
        diagnosticSettings="DiagnosticSettingsResource",
    ),
    **_of(
        "monitor.v2022_08_01_preview",
        "2022-08-01-preview",
        scheduledQueryRules="ScheduledQueryRuleResource",
    ),
    **_of("monitor.v2023_01_01", "2023-01-01", actionGroups="ActionGroupResource"),
}

KINDS: Final[Mapping[str, Kind]] = {
    **_under(
        "Microsoft.Authorization",
        _of(
            "authorization.v2022_04_01",
            "2022-04-01",
            roleAssignments="RoleAssignmentCreateParameters",
        ),
    ),
    **_under(
        "Microsoft.Cache",
        _of(
            "redisenterprise",
            "2025-07-01",
            redisEnterprise="Cluster",
            redisEnterprise_databases="Database",
            redisEnterprise_databases_accessPolicyAssignments="AccessPolicyAssignment",
        ),
    ),
    **_under(
        "Microsoft.ContainerRegistry", _of("containerregistry", "2025-11-01", registries="Registry")
    ),
    **_under(
        "Microsoft.DataFactory",
        _of(
            "datafactory",
            "2018-06-01",
            factories="Factory",
            factories_linkedservices="LinkedServiceResource",
            factories_datasets="DatasetResource",
            factories_pipelines="PipelineResource",
            factories_triggers="TriggerResource",
        ),
    ),
    **_under("Microsoft.Insights", _MONITOR),
    **_under(
        "Microsoft.KeyVault", _of("keyvault", "2026-05-15", vaults="VaultCreateOrUpdateParameters")
    ),
    **_under(
        "Microsoft.ManagedIdentity",
        _of(
            "msi.v2024_11_30",
            "2024-11-30",
            userAssignedIdentities="Identity",
            userAssignedIdentities_federatedIdentityCredentials="FederatedIdentityCredential",
        ),
    ),
    **_under(
        "Microsoft.OperationalInsights", _of("loganalytics", "2025-07-01", workspaces="Workspace")
    ),
    **_under(
        "Microsoft.Sql",
        _of(
            "sql",
            "2025-01-01",
            servers="Server",
            servers_databases="Database",
            servers_firewallRules="FirewallRule",
            servers_auditingSettings="ServerBlobAuditingPolicy",
            servers_securityAlertPolicies="ServerSecurityAlertPolicy",
        ),
    ),
    **_under(
        "Microsoft.Storage",
        _of(
            "storage",
            "2026-09-01",
            storageAccounts="StorageAccountCreateParameters",
            storageAccounts_blobServices="BlobServiceProperties",
            storageAccounts_blobServices_containers="BlobContainer",
            storageAccounts_managementPolicies="ManagementPolicy",
        ),
    ),
    **_under(
        "Microsoft.Web",
        _of(
            "web",
            "2025-05-01",
            serverfarms="AppServicePlan",
            sites="Site",
            sites_slots="Site",
            sites_config_appsettings="StringDictionary",
            sites_config_slotConfigNames="SlotConfigNamesResource",
            sites_slots_config_appsettings="StringDictionary",
            sites_basicPublishingCredentialsPolicies="CsmPublishingCredentialsPoliciesEntity",
            sites_slots_basicPublishingCredentialsPolicies="CsmPublishingCredentialsPoliciesEntity",
        ),
    ),
}
