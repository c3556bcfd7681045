"""Each mistake in a query, or in what an alert reads of it, is a finding of `make check`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from checks.kql.queries import Query, queries
from checks.kql.rules import findings
from local.hosted import REPOSITORY

SOUND = """\
// Answers of 5xx.
AppMetrics
| where Name == "smartcache.request.count"
| where toint(Properties["http.response.status_code"]) >= 500
| summarize answers = sum(Sum) by route = tostring(Properties["http.route"])
"""

MISTAKES = [
    ("where Name", "where Nme", 3, "'Nme' does not refer to any known column"),
    ("AppMetrics", "AppMetric", 2, "'AppMetric' does not refer to any known table"),
    ("AppMetrics", "union isfuzzy=true AppMetric", 2, "The fuzzy name 'AppMetric'"),
    ("toint(", "toInteger(", 4, "'toInteger' does not refer to any known function"),
    ("sum(Sum)", "sum(Sum", 5, "Expected: )"),
    ("| summarize", "| sumarize", 5, "Query operator expected"),
    ("sum(Sum)", "sum(Name)", 5, "must be summable"),
]

pytestmark = pytest.mark.usefixtures("kql_parser")


def checked(folder: Path, file: str, text: str) -> Sequence[str]:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return [str(finding) for finding in findings(folder)]


def snapshot(*resources: Mapping[str, Any]) -> str:
    return json.dumps({"predictedResources": resources})


def alert(query: str = SOUND, /, **criterion: object) -> Mapping[str, Any]:
    rule = {"query": query, "timeAggregation": "Average", **criterion}
    return {
        "type": "Microsoft.Insights/scheduledQueryRules",
        "name": "errors",
        "properties": {"criteria": {"allOf": [rule]}},
    }


def workbook(query: str) -> Mapping[str, Any]:
    items = [{"type": 9, "content": {}}, {"type": 3, "content": {"query": query}}]
    return {
        "type": "Microsoft.Insights/workbooks",
        "name": "book",
        "properties": {"serializedData": json.dumps({"items": items})},
    }


def test_the_queries_as_they_are_have_no_faults() -> None:
    assert findings(REPOSITORY) == []


def test_the_queries_of_alerts_of_the_workbook_and_of_pages_are_found() -> None:
    files = [query.file for query in queries(REPOSITORY)]
    for part in ("infra/monitoring/alerts/", "infra/monitoring/workbook/", "docs/operations.md"):
        assert any(file.startswith(part) for file in files), part


def test_a_sound_query_has_no_finding(tmp_path: Path) -> None:
    assert checked(tmp_path, "infra/monitoring/errors.kql", SOUND) == []


def test_each_mistake_in_a_file_is_found_with_its_line(tmp_path: Path) -> None:
    """All at once: the parser takes a second to start."""
    (tmp_path / "infra").mkdir()
    for number, (right, wrong, *_) in enumerate(MISTAKES):
        query = SOUND.replace(right, wrong, 1)
        (tmp_path / "infra" / f"{number}.kql").write_text(query, "utf-8")
    found = [str(finding) for finding in findings(tmp_path)]
    for number, (_, _, line, message) in enumerate(MISTAKES):
        start = f"infra/{number}.kql:{line}: "
        assert any(one.startswith(start) and message in one for one in found), (start, found)


@pytest.mark.parametrize("fence", ["kusto", "kql"])
def test_a_mistake_in_a_page_is_found_with_its_line(tmp_path: Path, fence: str) -> None:
    page = f"# A page\n\n```{fence}\nAppTraces\n| where Mesage == ''\n```\n"
    (found,) = checked(tmp_path, "docs/page.md", page)
    assert found.startswith("docs/page.md:5: The name 'Mesage'")


def test_a_mistake_in_a_query_that_the_template_holds_is_found(tmp_path: Path) -> None:
    held = snapshot(alert("AppMetrics | count |"), workbook("AppMetrics | cont"))
    found = checked(tmp_path, "infra/snapshots/dev.snapshot.json", held)
    assert [one.rpartition(": ")[0] for one in found] == [
        "infra/snapshots/dev.snapshot.json: errors",
        "infra/snapshots/dev.snapshot.json: book",
    ]


WRONG_CRITERIA: Sequence[tuple[Mapping[str, object], str]] = [
    ({"metricMeasureColumn": "answer"}, "metricMeasureColumn 'answer' is no column"),
    ({"metricMeasureColumn": "route"}, "metricMeasureColumn 'route' is no number"),
    ({}, "names no metricMeasureColumn"),
    (
        {"metricMeasureColumn": "answers", "dimensions": [{"name": "status"}]},
        "the dimension 'status' is no column",
    ),
]


def test_an_alert_reads_columns_of_its_query(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "errors.kql").write_text(SOUND, "utf-8")
    held = snapshot(*(alert(**criterion) for criterion, _ in WRONG_CRITERIA))
    found = checked(tmp_path, "infra/snapshots/dev.snapshot.json", held)
    for one, (_, message) in zip(found, WRONG_CRITERIA, strict=True):
        assert one.startswith("infra/errors.kql:1: ")
        assert message in one


def test_an_alert_that_reads_what_its_query_returns_has_no_finding(tmp_path: Path) -> None:
    sums = alert(metricMeasureColumn="answers", dimensions=[{"name": "route"}])
    rows = alert(timeAggregation="Count")
    assert checked(tmp_path, "infra/snapshots/a.snapshot.json", snapshot(sums, rows)) == []


def test_a_place_is_counted_from_where_the_query_begins() -> None:
    query = Query("docs/page.md", 4, "AppTraces\n| take 1\n")
    assert query.at(0) == "docs/page.md:4"
    assert query.at(12) == "docs/page.md:5"
