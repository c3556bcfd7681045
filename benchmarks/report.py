"""The results as tables and as JSON, with the ratios that the targets are about."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from benchmarks.plan import ALONE, DURING_FILLS, PRODUCT
from benchmarks.results import Results


def as_json(results: Results) -> str:
    return json.dumps({**asdict(results), "ratios": dict(ratios(results))}, indent=1) + "\n"


def ratios(results: Results) -> Iterator[tuple[str, float]]:
    """Yield the name and value of each ratio."""
    single = results.singles
    naive, gzip = results.p50("naive", "hit"), results.p50(PRODUCT, "hit, gzip")
    yield "naive hit / hit", naive / gzip
    yield "naive hit, typed / hit", results.p50("naive_typed", "hit") / gzip
    yield "fastapi-cache2 hit / hit", results.p50("fastapi_cache2", "hit") / gzip
    yield (
        "cashews hit / hit (identity)",
        (results.p50("cashews_bytes", "hit") / results.p50(PRODUCT, "hit")),
    )
    yield "hit / nginx (gzip)", gzip / results.p50("nginx", "hit, gzip")
    yield "hit / nginx (identity)", results.p50(PRODUCT, "hit") / results.p50("nginx", "hit")
    yield "cold / naive cold", single[PRODUCT]["cold"] / single["naive"]["cold"]
    ours = single[PRODUCT]
    yield (
        "read after rebuild / hit after the same pause",
        ours["read after rebuild"] / ours["genre hit after the same pause"],
    )
    yield (
        "slowest of 64 on a cold list / one",
        ours["cold, one record, slowest of 64"] / ours["cold, one record"],
    )
    alone, during = (results.turns(PRODUCT, task) for task in (ALONE, DURING_FILLS))
    yield "hit beside fills / alone (p50)", during[0] / alone[0]
    yield "hit beside fills - alone (p99, ms)", during[1] - alone[1]


def show(results: Results, console: Console) -> None:
    _loads(results, console)
    singles = Table("one caller (median, ms)", *results.singles, box=None)
    names = dict.fromkeys(name for values in results.singles.values() for name in values)
    for name in names:
        cells = (results.singles[contender].get(name) for contender in results.singles)
        singles.add_row(name, *("-" if value is None else f"{value:,.1f}" for value in cells))
    console.print(singles)
    table = Table("ratio", "", box=None)
    for name, value in ratios(results):
        table.add_row(name, f"{value:,.2f}")
    console.print(table)
    console.print(", ".join(f"{name}: {value}" for name, value in results.machine.items()))


def _loads(results: Results, console: Console) -> None:
    table = Table("contender", "task", "clients", "p50 ms", "p95", "p99", "a second", box=None)
    for name in ("MB each", "CPU ms each", "wrk's CPU", "errors"):
        table.add_column(name, justify="right")
    for cell in results.cells:
        load = cell.load
        table.add_row(
            cell.contender,
            cell.task,
            str(load.clients),
            f"{load.p50:,.2f}",
            f"{load.p95:,.2f}",
            "-" if load.p99 is None else f"{load.p99:,.2f}",
            f"{load.per_second:,.0f}",
            f"{load.bytes_per_answer / 1e6:.2f}",
            f"{cell.cpu_ms:.2f}",
            f"{load.generator:.0%}",
            str(load.errors),
        )
    console.print(table)
