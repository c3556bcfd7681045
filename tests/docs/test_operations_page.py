"""The operations page names every metric, span, alert and setting that there is, and no other."""

import re
from pathlib import Path

from checks.infra.snapshots import read
from function_app import ROUTES
from shared.cache.cached_list import Outcome
from shared.cache.store import PutResult
from shared.settings import Settings
from shared.telemetry import Count, Gauge, Measure, Requests, Span

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
METRIC = re.compile(r"^\| `smartcache\.([a-z.-]+)` \| (.*?) ?\| .+ \|$", re.MULTILINE)


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_metric_stands_in_the_table_and_no_other() -> None:
    named = [name for name, _ in METRIC.findall(section("Metrics"))]
    assert len(named) == len(set(named))
    assert set(named) == {str(name) for kind in (Count, Measure, Requests, Gauge) for name in kind}


def test_every_outcome_is_explained() -> None:
    metrics = section("Metrics")
    assert not [name for name in (*Outcome, *PutResult) if f"`{name}`" not in metrics]


def test_every_span_stands_in_the_table_and_no_other() -> None:
    named = re.findall(r"^\| `([^`]+)`", section("Traces"), re.MULTILINE)
    routes = {f"{method} /{route.path.lstrip('/')}" for route in ROUTES for method in route.methods}
    assert set(named) - routes == set(Span)
    assert set(named) & routes


def test_every_alert_stands_in_the_table_with_what_to_do_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| .+ \| .+ \|$", section("Alerts"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    (prod,) = (found for found in read(ROOT / "infra") if found.file.startswith("prod"))
    kinds = ("Microsoft.Insights/scheduledQueryRules", "Microsoft.Insights/metricAlerts")
    (group,) = prod.of_type("Microsoft.Insights/actionGroups")
    prefix = group.name.removesuffix("operators")
    made = {alert.name.removeprefix(prefix) for kind in kinds for alert in prod.of_type(kind)}
    assert set(rows) == made


def test_the_budget_s_e_mails_are_sent_where_the_page_says() -> None:
    (prod,) = (found for found in read(ROOT / "infra") if found.file.startswith("prod"))
    (budget,) = prod.of_type("Microsoft.Consumption/budgets")
    sent = [one["threshold"] for one in budget.properties["notifications"].values()]
    told = re.search(r"sends e-mails at (\d+) % and (\d+) % of it.*?above (\d+) %", PAGE, re.DOTALL)
    assert told
    assert sorted(sent) == sorted(map(int, told.groups()))


def test_an_alert_that_the_page_names_elsewhere_exists() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` ", section("Alerts"), re.MULTILINE)
    assert set(re.findall(r"alert `([a-z-]+)`", PAGE)) <= set(rows)


def test_every_knob_of_the_cache_is_explained() -> None:
    knobs = {name.upper() for name in Settings.model_fields if name.startswith("cache_")}
    assert not [name for name in knobs - {"CACHE_MODE"} if f"`{name}" not in PAGE]


def test_a_metric_that_the_page_names_elsewhere_exists() -> None:
    known = {str(name) for kind in (Count, Measure, Requests, Gauge) for name in kind}
    named = re.findall(r"`((?:cache|login|write|request)\.[a-z.-]+)`", PAGE)
    assert set(named) <= known


def test_every_log_line_that_the_page_quotes_is_logged() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "shared").rglob("*.py"))
    quoted = re.findall(r"\blog `([^`:]+)", PAGE)
    assert len(quoted) >= 3
    assert not [text for text in quoted if text not in code]
