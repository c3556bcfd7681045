"""A run as a command: it measures, prints a table, writes files and, if wanted, the pages."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.staleness import chart
from benchmarks.staleness.contenders import CONTENDERS, Contender
from benchmarks.staleness.pages import outcome, publish
from benchmarks.staleness.phases import PHASES, Phase
from benchmarks.staleness.results import Row
from benchmarks.staleness.run import document, measure_all
from benchmarks.staleness.stage import FULL, SHORT


def measure_staleness(
    console: Console,
    out: Path,
    *,
    is_short: bool,
    is_published: bool,
    phases: Sequence[Phase] = PHASES,
    contenders: Sequence[Contender] = CONTENDERS,
) -> None:
    """Measure these phases with these contenders, whose packages are installed."""
    rows: list[Row] = []
    timing = SHORT if is_short else FULL
    with console.status("loading the records") as status:
        for row in measure_all(timing, phases, contenders, status.update):
            rows.append(row)
            console.print(_line(row))
    run = document(rows, timing)
    out.mkdir(parents=True, exist_ok=True)
    (out / "staleness.json").write_text(json.dumps(run, indent=1) + "\n")
    (out / "staleness.svg").write_text(chart.draw(run))
    console.print(f"written: {out}/staleness.json, {out}/staleness.svg")
    if is_published:
        publish(run)


def _line(row: Row) -> str:
    failed = f"{row.failed_reads:,} reads and {row.failed_writes:,} writes failed"
    stale = f"{row.stale:,} of {row.reads:,} reads stale ({outcome(row)})"
    return f"{row.phase}, {row.contender}: {stale}, {failed}"
