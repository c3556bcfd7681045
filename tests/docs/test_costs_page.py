"""The page about costs names what exists, and its sums are right."""

import re
from pathlib import Path

import pytest
import typer

from checks.infra.snapshots import Snapshot, read
from shared.cli import build_app
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "costs.md").read_text("utf-8")
PLATFORM = {"FUNCTIONS_WORKER_PROCESS_COUNT", "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"}


def test_every_parameter_and_setting_in_the_text_exists() -> None:
    bicep = "".join(path.read_text("utf-8") for path in (ROOT / "infra").rglob("*.bicep"))
    for name in re.findall(r"`([a-z]+[A-Z]\w+)`", PAGE):
        assert re.search(rf"param {name} |  {name}:", bicep), name
    variables = (ROOT / "infra" / "main.bicepparam").read_text("utf-8")
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)\b", PAGE):
        known = name.lower() in Settings.model_fields or name in PLATFORM
        assert known or f"'{name}'" in variables, name


def test_every_command_of_ours_exists() -> None:
    known = set(getattr(typer.main.get_command(build_app()), "commands", {}))
    named = set(re.findall(r"python -m shared\.cli (\w+)", PAGE))
    assert named
    assert named <= known


SNAPSHOTS = {found.file.partition(".")[0]: found for found in read(ROOT / "infra")}
each_environment = pytest.mark.parametrize("environment", ["dev", "prod"])


def prices(environment: str) -> dict[str, tuple[float, float]]:
    """Return the least and the most of each row for an environment."""
    month = PAGE.partition("\n### ")[0]
    rows = re.findall(r"^\| \**([A-Z][^|*]+|together)[^|]*\|(.*)\|$", month, re.MULTILINE)
    column = {"dev": 1, "prod": 3}[environment]
    cells = {name.strip(): rest.split("|") for name, rest in rows if rest.count("|") == 3}
    return {name: _range(parts[column].strip(" *")) for name, parts in cells.items()}


def _range(text: str) -> tuple[float, float]:
    least, _, most = text.partition("\N{EN DASH}")
    return float(least), float(most or least)


def price(environment: str, name: str) -> float:
    ((least, most),) = (one for row, one in prices(environment).items() if row.startswith(name))
    assert least == most
    return least


@each_environment
def test_the_rows_add_up(environment: str) -> None:
    rows = prices(environment)
    total = rows.pop("together")
    assert len(rows) == 10
    for place in (0, 1):
        assert total[place] == round(sum(one[place] for one in rows.values()))


@each_environment
def test_the_budget_is_above_what_is_expected(environment: str) -> None:
    (budget,) = SNAPSHOTS[environment].of_type("Microsoft.Consumption/budgets")
    assert f"{environment} {budget.properties['amount']}" in PAGE
    assert budget.properties["amount"] > prices(environment)["together"][1]


@each_environment
def test_the_price_of_alerts_on_rows_is_that_of_the_rules(environment: str) -> None:
    rules = SNAPSHOTS[environment].of_type("Microsoft.Insights/scheduledQueryRules")
    each = {"PT5M": 1.5, "PT1H": 0.5}
    expected = sum(each[rule.properties["evaluationFrequency"]] for rule in rules)
    assert price(environment, "Alerts on rows") == expected


@each_environment
def test_the_price_of_alerts_on_metrics_is_that_of_their_series(environment: str) -> None:
    rules = SNAPSHOTS[environment].of_type("Microsoft.Insights/metricAlerts")
    instances = {"dev": 2, "prod": 3}[environment]
    split = [rule for rule in rules if "'Instance'" in str(rule.properties)]
    series = len(rules) + len(split) * (instances - 1)
    assert price(environment, "Alerts on metrics") == pytest.approx(series * 0.1)


@each_environment
def test_the_price_of_the_availability_test_is_that_of_its_requests(environment: str) -> None:
    assert price(environment, "Availability test") == pytest.approx(
        requests_a_month(SNAPSHOTS[environment]) * 0.0006, abs=0.05
    )


def requests_a_month(snapshot: Snapshot) -> float:
    tests = [test.properties for test in snapshot.of_type("Microsoft.Insights/webtests")]
    return sum(len(test["Locations"]) * 730 * 3600 / int(test["Frequency"]) for test in tests)


@each_environment
def test_the_price_of_logs_is_that_of_their_bytes(environment: str) -> None:
    dev, prod = re.findall(r"([\d.]+) GB a day", PAGE)
    gigabytes = float({"dev": dev, "prod": prod}[environment]) * 730 / 24
    assert price(environment, "Logs and traces") == round(gigabytes * 2.8)
