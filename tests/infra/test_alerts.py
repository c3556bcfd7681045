"""The alerts fire for what happens in production, in a workspace of any age."""

import re
from datetime import date
from pathlib import Path

import pytest

from checks.infra.snapshots import Resource, Snapshot, read
from checks.kql.language import Bound, bind
from checks.kql.tables import TABLES
from local.hosted import REPOSITORY

INFRA = REPOSITORY / "infra"
SNAPSHOTS = read(INFRA)
each_environment = pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=lambda found: found.file)

QUERIES = sorted((INFRA / "monitoring").rglob("*.kql"))
OURS = re.compile(r"^ *(App\w+)\b", re.MULTILINE)
ALERTS = [path for path in QUERIES if path.parent.name == "alerts"]
ON_ROWS = [path for path in QUERIES if OURS.search(path.read_text("utf-8"))]

PRODUCTION_ONLY = '| where AppRoleName !endswith "-staging"\n'

# What alerts watch, with the aggregation that it has, from
# https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index
METRICS = {
    ("Microsoft.Web/sites", "HealthCheckStatus"): "Average",
    ("Microsoft.Web/serverfarms", "CpuPercentage"): "Average",
    ("Microsoft.Web/serverfarms", "MemoryPercentage"): "Average",
    ("Microsoft.Sql/servers/databases", "dtu_consumption_percent"): "Average",
    ("Microsoft.Cache/redisEnterprise", "usedmemorypercentage"): "Maximum",
    ("Microsoft.DataFactory/factories", "PipelineFailedRuns"): "Total",
}


def criteria(snapshot: Snapshot) -> dict[tuple[str, str], dict[str, object]]:
    """Return what each alert on a metric compares, by the watched type and the metric."""
    found = {}
    for alert in snapshot.of_type("Microsoft.Insights/metricAlerts"):
        for one in alert.properties["criteria"].get("allOf", ()):
            (scope,) = alert.properties["scopes"]
            found[_type_of(scope), one["metricName"]] = {**alert.properties, **one}
    return found


def _type_of(resource: str) -> str:
    provider, *parts = resource.rpartition("/providers/")[2].split("/")
    return "/".join([provider, *parts[::2]])


ALONE = "AppMetrics | summarize answers = sum(Sum)"


@pytest.fixture(scope="module")
def bound(kql_parser: str) -> dict[str, tuple[Bound, Bound]]:
    """Each alert's query, bound in a workspace with our tables, and in one without them."""
    assert kql_parser
    built_in = {name: columns for name, columns in TABLES.items() if not name.startswith("App")}
    texts = [*(path.read_text("utf-8") for path in ALERTS), ALONE]
    return dict(zip(texts, zip(bind(texts), bind(texts, built_in), strict=True), strict=True))


@pytest.mark.parametrize("path", ALERTS, ids=lambda path: path.stem)
def test_a_query_of_an_alert_runs_before_its_table_exists(
    bound: dict[str, tuple[Bound, Bound]], path: Path
) -> None:
    """Azure switches a rule off, for good, whose query has failed for a week."""
    with_table, without = bound[path.read_text("utf-8")]
    assert without.columns == with_table.columns
    assert not [fault for fault in without.faults if not fault.message.startswith("The fuzzy name")]


def test_a_query_of_a_table_alone_would_fail_before_the_table_exists(
    bound: dict[str, tuple[Bound, Bound]],
) -> None:
    with_table, without = bound[ALONE]
    assert not with_table.faults
    assert not without.faults[0].message.startswith("The fuzzy name")


@pytest.mark.parametrize("path", ON_ROWS, ids=lambda path: path.stem)
def test_a_query_of_our_rows_leaves_the_staging_slot_out(path: Path) -> None:
    assert PRODUCTION_ONLY in path.read_text("utf-8")


@each_environment
def test_the_slots_have_the_names_by_which_queries_tell_them_apart(snapshot: Snapshot) -> None:
    def role(site: str) -> str:
        settings = snapshot.the(f"Microsoft.Web/{site}/config", "appsettings").properties
        return str(settings["OTEL_SERVICE_NAME"])

    assert role("sites/slots").endswith("-staging")
    assert not role("sites").endswith("-staging")


@each_environment
def test_a_metric_is_not_looked_for_on_a_resource_that_was_just_made(snapshot: Snapshot) -> None:
    """Azure would refuse the alert: Couldn't find a metric named CpuPercentage."""
    for (resource_type, metric), found in criteria(snapshot).items():
        assert found["skipMetricValidation"] is True, metric
        assert found["metricNamespace"] == resource_type


@each_environment
def test_a_watched_metric_exists_and_is_aggregated_as_it_is_measured(snapshot: Snapshot) -> None:
    watched = {key: one["timeAggregation"] for key, one in criteria(snapshot).items()}
    assert watched == METRICS


@each_environment
def test_a_release_does_not_make_the_app_count_as_unhealthy(snapshot: Snapshot) -> None:
    """It restarts each instance for a few minutes: less than half of the alert's window."""
    health = criteria(snapshot)["Microsoft.Web/sites", "HealthCheckStatus"]
    assert health["windowSize"] == "PT15M"
    assert health["threshold"] == 50
    assert health["dimensions"] == [{"name": "Instance", "operator": "Include", "values": ["*"]}]


@each_environment
def test_every_alert_tells_the_operators(snapshot: Snapshot) -> None:
    (group,) = snapshot.of_type("Microsoft.Insights/actionGroups")
    rules = snapshot.of_type("Microsoft.Insights/scheduledQueryRules")
    told = [rule.properties["actions"]["actionGroups"] for rule in rules]
    metrics = snapshot.of_type("Microsoft.Insights/metricAlerts")
    told += [[one["actionGroupId"] for one in rule.properties["actions"]] for rule in metrics]
    assert told == [[group.id]] * len(told)


@each_environment
def test_the_day_s_volume_is_compared_with_the_daily_cap(snapshot: Snapshot) -> None:
    (workspace,) = snapshot.of_type("Microsoft.OperationalInsights/workspaces")
    gigabytes = workspace.properties["workspaceCapping"]["dailyQuotaGb"]
    (rule,) = (found for found in _queries(snapshot) if found.name.endswith("-log-volume"))
    (criterion,) = rule.properties["criteria"]["allOf"]
    assert criterion["threshold"] == gigabytes * 800
    assert rule.properties["windowSize"] == "P1D"


def _queries(snapshot: Snapshot) -> list[Resource]:
    return list(snapshot.of_type("Microsoft.Insights/scheduledQueryRules"))


def test_the_availability_test_asks_for_the_health_and_its_alert_watches_it() -> None:
    (prod,) = (found for found in SNAPSHOTS if found.file.startswith("prod"))
    (test,) = prod.of_type("Microsoft.Insights/webtests")
    assert "/api/health" in test.properties["Request"]["RequestUrl"]
    (component,) = prod.of_type("Microsoft.Insights/components")
    assert test.body["tags"][f"hidden-link:{component.id}"] == "Resource"
    alert = prod.the("Microsoft.Insights/metricAlerts", f"{component.name}-unreachable").properties
    assert alert["scopes"] == [test.id, component.id]
    assert alert["criteria"]["failedLocationCount"] == len(test.properties["Locations"]) - 2


@each_environment
def test_the_budget_keeps_its_month_when_the_template_is_deployed_again(snapshot: Snapshot) -> None:
    """Azure refuses another start date for a budget that exists."""
    (budget,) = snapshot.of_type("Microsoft.Consumption/budgets")
    start = budget.properties["timePeriod"]["startDate"]
    assert date.fromisoformat(start).day == 1
    parameters = (INFRA / "main.bicepparam").read_text("utf-8")
    assert "param budgetStart = readEnvironmentVariable('BUDGET_START', '')" in parameters
