"""Every service sends logs to the workspace, in categories that it has.

A setting with an unknown category fails when it is deployed.
https://learn.microsoft.com/azure/azure-monitor/reference/logs-index
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.finding import Finding
from checks.infra.snapshots import Resource, Snapshot

_APP: Final = {
    *("AppServiceAntivirusScanAuditLogs", "AppServiceAppLogs", "AppServiceAuditLogs"),
    *("AppServiceAuthenticationLogs", "AppServiceConsoleLogs", "AppServiceFileAuditLogs"),
    *("AppServiceHTTPLogs", "AppServiceIPSecAuditLogs", "AppServicePlatformLogs"),
    "FunctionAppLogs",
}
CATEGORIES: Final[Mapping[str, set[str]]] = {
    "Microsoft.Cache/redisEnterprise/databases": {"ConnectionEvents"},
    "Microsoft.ContainerRegistry/registries": {
        *("ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents"),
    },
    "Microsoft.DataFactory/factories": {"ActivityRuns", "PipelineRuns", "TriggerRuns"},
    "Microsoft.KeyVault/vaults": {"AuditEvent", "AzurePolicyEvaluationDetails"},
    "Microsoft.Sql/servers/databases": {
        *("AutomaticTuning", "Blocks", "DatabaseWaitStatistics", "Deadlocks", "Errors"),
        *("DevOpsOperationsAudit", "QueryStoreRuntimeStatistics", "QueryStoreWaitStatistics"),
        *("SQLInsights", "SQLSecurityAuditEvents", "Timeouts"),
    },
    "Microsoft.Storage/storageAccounts/blobServices": {
        *("StorageDelete", "StorageRead", "StorageWrite"),
    },
    "Microsoft.Web/sites": _APP,
    "Microsoft.Web/sites/slots": _APP,
}
"""The categories of logs, by the type of the resource that writes them."""
GROUPS: Final = {"allLogs", "audit"}
RETENTION: Final = range(30, 731)
"""Days, in the tier that is paid by volume."""


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each silent service, unknown category and other workspace."""
    settings = snapshot.of_type("Microsoft.Insights/diagnosticSettings")
    sending = {setting.scope for setting in settings}
    for resource in snapshot.resources:
        if resource.type in CATEGORIES and resource.id not in sending:
            yield Finding(snapshot.file, resource.name, "sends its logs nowhere")
    logs = snapshot.the("Microsoft.OperationalInsights/workspaces")
    workspace, days = logs.id, logs.properties["retentionInDays"]
    if days not in RETENTION:
        message = f"retentionInDays is {days}, and Azure accepts 30 to 730"
        yield Finding(snapshot.file, logs.name, message)
    insights = snapshot.the("Microsoft.Insights/components")
    if insights.properties.get("WorkspaceResourceId") != workspace:
        yield Finding(snapshot.file, insights.name, "does not store its tables in the workspace")
    for setting in settings:
        if setting.properties["workspaceId"] != workspace:
            yield Finding(snapshot.file, setting.id, "does not send to the workspace")
        for log in setting.properties["logs"]:
            yield from _log(snapshot, setting, log)


def _log(snapshot: Snapshot, setting: Resource, log: Mapping[str, Any]) -> Iterator[Finding]:
    kind = setting.scope_type
    named = log.get("category") or log.get("categoryGroup")
    if named not in CATEGORIES.get(kind, set()) | GROUPS:
        yield Finding(snapshot.file, setting.id, f"{kind} has no logs of the category {named}")
    if not log["enabled"]:
        yield Finding(snapshot.file, setting.id, f"the logs of the category {named} are off")
