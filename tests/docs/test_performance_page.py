"""The figures on the pages are those of the published run, which met the targets."""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from benchmarks import chart
from benchmarks.document import ALONE, DURING_FILLS, of_load, ratios, rows
from benchmarks.publish import CHART, JSON, marked, pages
from benchmarks.tables import SHARED, tables

DOCUMENT = json.loads(JSON.read_text())
PAGES = pages(DOCUMENT)
RATIOS = {ratio.name: ratio for ratio in ratios(DOCUMENT)}
TABLES = list(tables(DOCUMENT))

AT_LEAST: Final = {"hit, naive / ours": 200.0}
AT_MOST: Final = {
    "cold, ours / naive": 1 / 3,
    "write, ours / naive": 3.5,
    "read after rebuild / hit after the same pause": 2.0,
    "fill on one core / fetch + dumps + compress": 1.15,
}
"""Bounds on ratios of processor time."""

AT_MOST_BY_WALL_CLOCK: Final = {
    "hit, ours / nginx, gzip": 1.5,
    "slowest of 64 on a cold list / one": 1.3,
    "hit beside fills / alone, p50": 1.2,
    "fill on two cores / fetch + dumps + compress": 1.0,
}
"""Bounds on what callers wait: nginx copies no bytes, and beside others their time counts, too."""


MORE_P99_MS: Final = 15.0
"""What fills may add to p99 of hits."""


def _p99(task: str) -> float:
    p99 = of_load(rows(DOCUMENT)[task, 1, "smart cache"], "p99")
    assert p99
    return p99.middle


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page[0].name)
def test_the_tables_show_the_published_run(page: tuple[Path, str]) -> None:
    path, name = page
    text = path.read_text("utf-8")
    assert marked(text, PAGES[page], name) == text


def test_the_published_run_was_quiet() -> None:
    assert DOCUMENT["noise"] == ""


def test_every_load_of_the_run_is_in_one_table() -> None:
    columns = {
        (task, 1, contender)
        for task, clients, contender in rows(DOCUMENT)
        if clients == 1 and task in SHARED
    }
    (others,) = (table for table in TABLES if table.caption.startswith("Many clients"))
    assert len(others.rows) + len(columns) == len(rows(DOCUMENT))
    assert len({tuple(row[:3]) for row in others.rows}) == len(others.rows)


def test_contenders_took_turns() -> None:
    for (task, clients, contender), turns in rows(DOCUMENT).items():
        assert [turn["turn"] for turn in turns] == list(range(len(turns))), (task, contender)
        assert len(turns) == (5 if clients == 1 else 3)


def test_the_targets_are_met() -> None:
    cpu = {name: ratio.cpu.middle for name, ratio in RATIOS.items() if ratio.cpu}
    assert {name for name, bound in AT_LEAST.items() if cpu[name] < bound} == set()
    assert {name for name, bound in AT_MOST.items() if cpu[name] > bound} == set()
    wall = {name: RATIOS[name].wall.middle for name in AT_MOST_BY_WALL_CLOCK}
    assert {name for name, bound in AT_MOST_BY_WALL_CLOCK.items() if wall[name] > bound} == set()
    assert _p99(DURING_FILLS) - _p99(ALONE) <= MORE_P99_MS
    assert DOCUMENT["singles"]["smart cache"]["fills for 64 callers"] == 1
    assert DOCUMENT["singles"]["smart cache"]["peak MiB, every list"] < 400


def test_the_chart_is_of_the_published_run() -> None:
    drawn = CHART.read_text()
    assert drawn == chart.draw(DOCUMENT)
    assert len(re.findall("<rect ", drawn)) == len(chart.BARS) + 1
