"""The figures on the pages are those of the published run, which keeps the promise."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.publish import marked
from benchmarks.staleness import chart
from benchmarks.staleness.contenders import PRODUCT
from benchmarks.staleness.pages import CHART, JSON, MARKS, pages, publish
from benchmarks.staleness.phases import PHASES

DOCUMENT = json.loads(JSON.read_text())
PAGES = pages(DOCUMENT)
ROWS = DOCUMENT["rows"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_show_the_published_run(page: Path) -> None:
    text = page.read_text("utf-8")
    assert marked(text, PAGES[page], MARKS) == text


def test_the_chart_is_of_the_published_run() -> None:
    assert CHART.read_text("utf-8") == chart.draw(DOCUMENT)


def test_the_chart_says_in_words_what_it_shows() -> None:
    drawn = ET.fromstring(CHART.read_text("utf-8"))  # noqa: S314 - our own
    described = drawn.find("{http://www.w3.org/2000/svg}desc")
    assert drawn.get("role") == "img"
    assert described is not None
    for phase in PHASES:
        assert f"{phase.title}, {PRODUCT.title}: 0" in (described.text or "")


def test_a_run_that_lacks_a_phase_or_a_contender_is_not_published() -> None:
    before = JSON.read_bytes()
    with pytest.raises(ValueError, match="not measured"):
        publish({**DOCUMENT, "rows": ROWS[1:]})
    assert JSON.read_bytes() == before


def test_smart_cache_is_never_wrong() -> None:
    for row in ROWS:
        if row["contender"] == PRODUCT.key:
            assert row["reads"] > 0
            assert row["acknowledged"] + row["failed_writes"] > 0
            assert (row["stale"], row["stays"], row["never_shown"], row["lost"]) == (0, 0, 0, 0)


def test_what_stays_has_nothing_left_that_would_mend_it_soon() -> None:
    for row in ROWS:
        if row["stays"] or row["never_shown"]:
            assert row["expires_in"] > 60 * 30
