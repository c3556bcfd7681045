"""The queries of infra/monitoring use metrics and attributes that are exported."""

import re
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from shared.telemetry import ROUTE, STATUS, Count, Gauge, Measure, Requests

QUERIES = sorted((REPOSITORY / "infra/monitoring").rglob("*.kql"))
METRICS = {name.exported for kind in (Count, Measure, Requests, Gauge) for name in kind}
ATTRIBUTES = {ROUTE, STATUS, "outcome", "stage", "coding", "scope"}


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_every_name_of_a_query_is_exported(query: Path) -> None:
    text = query.read_text("utf-8")
    assert set(re.findall(r'"(smartcache\.[^"]+)"', text)) <= METRICS
    assert set(re.findall(r'Properties\["([^"]+)"\]', text)) <= ATTRIBUTES


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_a_query_of_metrics_names_one(query: Path) -> None:
    text = query.read_text("utf-8")
    assert ("AppMetrics" in text) == bool(re.findall(r'"smartcache\.', text))
