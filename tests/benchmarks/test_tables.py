"""The tables show medians over turns with their spread, and ratios of these medians."""

from typing import Any

from benchmarks.contenders import NGINX, PRODUCT
from benchmarks.document import Figure, Ratio, ratios
from benchmarks.tables import summary, tables
from tests.benchmarks.invented_run import run

HITS = [
    ("hit, gzip", PRODUCT, 2.0, 3.0),
    ("hit, gzip", NGINX, 1.0, 30.0),
    ("hit, gzip", PRODUCT, 2.2, 60.0),
    ("hit, gzip", NGINX, 2.0, 4.0),
    ("hit, gzip", PRODUCT, 9.0, 4.0),
    ("hit, gzip", NGINX, 1.6, 2.0),
]
"""Three turns, of which some were disturbed: task, contender, processor time, p50."""


def _table(document: Any, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins so, its heads first."""
    found = next(table for table in tables(document) if table.caption.startswith(caption))
    return [list(found.heads), *map(list, found.rows)]


def _cell(table: list[list[str]], row: str, column: str) -> str:
    return next(line for line in table if line[0] == row)[table[0].index(column)]


def test_a_row_is_the_median_of_its_turns_with_the_least_and_the_greatest() -> None:
    cpu = _table(run(HITS), "One client: **processor time**")
    assert _cell(cpu, "**Smart Cache**", "hit, gzip") == "2.20 (2.00 to 9.00)"
    wall = _table(run(HITS), "One client: wall-clock")
    assert _cell(wall, "nginx, a static file", "hit, gzip") == "4.00 (2.00 to 30.0)"


def test_a_ratio_is_that_of_the_medians_by_processor_time_beside_that_by_wall_clock() -> None:
    (ratio,) = ratios(run(HITS))
    assert ratio == Ratio(
        "hit, ours / nginx, gzip",
        Figure(2.2 / 1.6, 2.2 / 2.0, 9.0 / 1.6),
        Figure(4.0 / 4.0, 3.0 / 30.0, 60.0 / 4.0),
    )


def test_a_fill_is_compared_with_what_it_cannot_do_without() -> None:
    stages = {
        "fetch": [100.0, 900.0, 90.0],
        "dumps": [20.0, 20.0, 30.0],
        "compress": [80.0, 80.0, 80.0],
        "fill, one core": [220.0, 240.0, 210.0],
    }
    document = run([]) | {
        "fill": {
            name: {"processor": t, "clock": [2 * ms for ms in t]} for name, t in stages.items()
        }
    }
    of_limit = Figure(220 / 200, 240 / 1000, 220 / 200)
    assert list(ratios(document)) == [
        Ratio("fill on one core / fetch + dumps + compress", of_limit, of_limit)
    ]
    fetch = ["fetch", "100 (90.0 to 900)", "200 (180 to 1,800)"]
    assert fetch in _table(document, "A fill")


def test_the_summary_compares_processor_time() -> None:
    naive = ("hit", "naive", 660.0, 5000.0)
    lines = summary(run([*HITS, naive])).splitlines()
    assert "| naive: JSON text in Redis: uncompressed | 660 | 300 | 5,000 |" in lines
