"""The figures on the pages are those of the published run."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.publish import CHART, DOCS, JSON, marked, pages

DOCUMENT = json.loads(JSON.read_text())
PAGES = pages(DOCUMENT)


def _row_names(text: str) -> list[list[str]]:
    """For each table, what names its rows: the cells before the first that is a figure."""
    return [
        ["|".join(cell for cell in row.split("|")[1:4]) for row in table.splitlines()[2:]]
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_row_repeats(page: Path) -> None:
    for names in _row_names(page.read_text("utf-8")):
        assert len(names) == len(set(names))


def test_every_load_of_the_run_has_one_row() -> None:
    (rows, *_) = _row_names(PAGES[DOCS / "performance.md"])
    measured = {
        (cell["contender"], cell["task"], cell["load"]["clients"]) for cell in DOCUMENT["cells"]
    }
    assert len(rows) == len(measured)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_show_the_published_run(page: Path) -> None:
    text = page.read_text("utf-8")
    assert marked(text, PAGES[page]) == text


def test_the_targets_are_met() -> None:
    ratios = DOCUMENT["ratios"]
    assert ratios["hit / nginx (gzip)"] <= 1.5
    assert ratios["naive hit / hit"] >= 200
    assert ratios["cold / naive cold"] <= 1 / 3
    assert ratios["slowest of 64 on a cold list / one"] <= 1.3
    assert ratios["hit beside fills / alone (p50)"] <= 1.2
    assert ratios["hit beside fills - alone (p99, ms)"] <= 15
    assert ratios["read after rebuild / hit after the same pause"] <= 2
    assert DOCUMENT["singles"]["smart cache"]["fills for 64 callers"] == 1
    assert DOCUMENT["singles"]["smart cache"]["peak MiB, every list"] < 400


def test_the_chart_is_of_the_published_run() -> None:
    drawn = CHART.read_text()
    for cell in DOCUMENT["cells"]:
        if cell["contender"] == "naive" and cell["task"] == "hit" and cell["load"]["clients"] == 1:
            assert f">{cell['load']['p50']:,.1f}<" in drawn
