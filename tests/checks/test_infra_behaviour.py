"""The checks of the infrastructure find values that Azure accepts and that do harm later."""

from typing import Any

import pytest

from checks.infra.snapshots import parsed
from tests.checks.changed_snapshot import INFRA, changed, production, told

RULE = "Insights/scheduledQueryRules"
METRIC = "Insights/metricAlerts"
SETTING = "Web/sites/config"
SLOT = "Web/sites/slots"
DAILY_CAP = (INFRA / "monitoring" / "alerts" / "daily-cap.kql").read_text("utf-8")


@pytest.mark.parametrize(
    ("kind", "name", "path", "value", "message"),
    [
        # Alerts.
        (RULE, "slow-hits", "properties.enabled", False, "would never fire"),
        (METRIC, "unhealthy", "properties.enabled", False, "would never fire"),
        (RULE, "slow-hits", "properties.evaluationFrequency", "PT1H", "would not see"),
        (METRIC, "sql-load", "properties.windowSize", "PT1M", "would not see"),
        (RULE, "few-hits", "properties.actions.actionGroups", [], "the operators are told"),
        (METRIC, "sql-load", "properties.actions", [], "the operators are told"),
        (
            *(RULE, "redis-away", "properties.criteria.allOf.0.query", DAILY_CAP),
            "must be 'redis-away', because its description names this file",
        ),
        (RULE, "few-hits", "properties.criteria.allOf.0.operator", "GreaterThan", "becomes bad"),
        (METRIC, "redis-memory", "properties.criteria.allOf.0.operator", "LessThan", "becomes bad"),
        # The app.
        ("Web/serverfarms", "", "sku.name", "P1v3", "plan.sku P1v3 is elastic"),
        (SLOT, "", "properties.siteConfig.minimumElasticInstanceCount", 2, "tries a release"),
        (SETTING, "app", "properties.OTEL_TRACES_SAMPLER_ARG", "1.5", "1.5 fits"),
        (SETTING, "app", "properties.OTEL_TRACES_SAMPLER_ARG", "1%", "1% fits"),
        (
            *(SETTING, "app", "properties.PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", None),
            "two rows of its own",
        ),
        # Plain text and old TLS.
        ("Web/sites", "", "properties.httpsOnly", False, "as plain text"),
        (SLOT, "", "properties.httpsOnly", None, "as plain text"),
        ("Web/sites", "", "properties.siteConfig.minTlsVersion", "1.0", "as plain text"),
        ("Sql/servers", "", "properties.minimalTlsVersion", "1.0", "as plain text"),
        ("Storage/storageAccounts", "host", "properties.minimumTlsVersion", None, "as plain text"),
        # What uses what.
        (
            *("Cache/redisEnterprise/databases/accessPolicyAssignments", ""),
            *("properties.accessPolicyName", "app", "has no other policy"),
        ),
        (
            *("Storage/storageAccounts/managementPolicies", ""),
            *("properties.policy.rules.0.definition.filters.prefixMatch", ["raw/"]),
            "the data set is kept",
        ),
        ("OperationalInsights/workspaces", "", "properties.retentionInDays", 3, "30 to 730"),
        (
            *("KeyVault/vaults", "", "properties.networkAcls.defaultAction", "Deny"),
            "closed to the internet, and there is no network",
        ),
        (
            *("Storage/storageAccounts", "data", "properties.networkAcls.defaultAction", "Deny"),
            "closed to the internet, and there is no network",
        ),
        (
            *("ContainerRegistry/registries/tasks", ""),
            *("properties.trigger.timerTriggers.0.status", "Disabled", "never runs"),
        ),
    ],
)
def test_a_value_that_does_harm_is_found(
    kind: str, name: str, path: str, value: object, message: str
) -> None:
    assert message in told(changed(kind, name, path, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("SQL_SERVER", "smart-cache"), ("REGISTRY", "smart-cache"), ("VAULT", "smart-cache")),
        *(("URL", "smart-cache"), ("APP_PRINCIPAL_ID", "[reference('/a/b', '1').clientId]")),
    ],
)
def test_an_output_that_is_something_else_or_missing_is_found(name: str, value: str) -> None:
    document: Any = production()
    document["outputs"][name] = value
    assert f"output {name}: is" in told(parsed("prod.snapshot.json", document))
    document["outputs"].pop(name)
    said = told(parsed("prod.snapshot.json", document))
    assert f"output {name}: is None" in said


def test_a_reference_without_its_slash_is_shown_as_it_must_be() -> None:
    document: Any = production()
    for found in document["predictedResources"]:
        if found["name"].endswith("/appsettings"):
            settings = found["properties"]
            settings["FIREBASE_API_KEY"] = settings["FIREBASE_API_KEY"].replace("key/)", "key)")
    said = told(parsed("prod.snapshot.json", document))
    assert "secrets/firebase-api-key/)', because a reference without a version" in said
    assert "secrets: is" not in said
