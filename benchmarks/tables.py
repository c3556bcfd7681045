"""The tables of a run: the terminal and the pages show the same ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.contenders import FUNC, HOST, NGINX, NO_MEMORY, PRODUCT, REBUILDING
from benchmarks.document import Document, Figure, Ratio, figure, of_load, of_turns, ratios, rows

NAMES: Final = {
    "naive": "naive: JSON text in Redis",
    "naive_typed": "naive, with a return type",
    "fastapi_cache2": "fastapi-cache2",
    "cashews_bytes": "cashews, returning bytes",
    PRODUCT: "**Smart Cache**",
    NO_MEMORY: "Smart Cache, no memory copy",
    REBUILDING: "Smart Cache, rebuilding",
    FUNC: "Smart Cache under `func`",
    HOST: "the host alone, same bytes",
    NGINX: "nginx, a static file",
}
SHARED: Final = ("hit", "hit, gzip", "genre", "cold", "write", "read after write")
"""The tasks of one client that several contenders have: columns of their own."""

NONE: Final = "-"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, and its rows under their heads."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [self.heads, ["---"] * len(self.heads), *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{self.caption}\n\n{table}"


def tables(document: Document) -> Iterator[Table]:
    """Yield the tables of docs/performance.md."""
    yield _ratios(ratios(document))
    yield _shared(
        document,
        "One client: **processor time** of the server for a request, ms: median (least to greatest "
        "of the turns).",
        lambda turns: _spread(of_turns(turns, "cpu_ms")),
    )
    yield _shared(
        document,
        "One client: wall-clock p50, ms.",
        lambda turns: _spread(of_load(turns, "p50")),
    )
    yield _shared(
        document,
        "One client: processor time of Redis for a request, ms.",
        lambda turns: _number(of_turns(turns, "redis_cpu_ms").middle),
    )
    yield _others(document)
    yield _singles(document)
    if document["fill"]:
        yield _fill(document)


def summary(document: Document) -> str:
    """One list of 100,000 records for one client: who takes how long."""
    found = rows(document)
    ours = of_turns(found["hit, gzip", 1, PRODUCT], "cpu_ms").middle
    lines = [
        "| the cached list of 100,000 records | processor time, ms | times ours | wall-clock, ms |",
        "|---|---|---|---|",
    ]
    for contender in (name for name in NAMES if name not in {HOST, NO_MEMORY}):
        for task in ("hit", "hit, gzip", "304"):
            if turns := found.get((task, 1, contender)):
                cpu, wall = of_turns(turns, "cpu_ms").middle, of_load(turns, "p50")
                label = "uncompressed" if task == "hit" else task.removeprefix("hit, ")
                lines.append(
                    f"| {NAMES[contender]}: {label} | {_number(cpu)} | {_times(cpu / ours)} | "
                    f"{_middle(wall)} |"
                )
    return "\n".join(lines)


def _ratios(found: Iterator[Ratio]) -> Table:
    return Table(
        "What the targets are about: ratios of medians (least to greatest of the turns).",
        ("ratio", "processor time", "wall-clock"),
        [(one.name, _spread(one.cpu), _spread(one.wall)) for one in found],
    )


def _shared(document: Document, caption: str, cell: Callable[[Sequence[Any]], str]) -> Table:
    found = rows(document)
    named = [name for name in NAMES if any((task, 1, name) in found for task in SHARED)]
    values = [
        [cell(found[task, 1, name]) if (task, 1, name) in found else NONE for task in SHARED]
        for name in named
    ]
    lines = [
        (NAMES[name], *line)
        for name, line in zip(named, values, strict=True)
        if set(line) - {NONE, "0"}
    ]
    return Table(caption, ("one client", *SHARED), lines)


def _others(document: Document) -> Table:
    lines = [
        (task, str(clients), NAMES[contender], *_line(turns))
        for (task, clients, contender), turns in rows(document).items()
        if clients > 1 or task not in SHARED
    ]
    heads = ("task", "clients", "contender", "CPU ms", "p50 ms", "p99", "slowest", "a second")
    return Table("Many clients, and what only the product is asked.", heads, lines)


def _line(turns: Sequence[Any]) -> Iterator[str]:
    yield _spread(of_turns(turns, "cpu_ms"))
    yield _spread(of_load(turns, "p50"))
    for name in ("p99", "slowest", "per_second"):
        value = of_load(turns, name)
        yield _middle(value)


def _singles(document: Document) -> Table:
    contenders: Mapping[str, Mapping[str, float]] = document["singles"]
    lines = [
        (NAMES[contender], name, _number(value))
        for contender, values in contenders.items()
        for name, value in values.items()
    ]
    return Table("Memory, MiB, and cold lists of many callers, ms.", ("contender", "", ""), lines)


def _fill(document: Document) -> Table:
    lines = [
        (stage, *(_spread(figure(times[by])) for by in ("processor", "clock")))
        for stage, times in document["fill"].items()
    ]
    caption = "A fill of 100,000 records, and what it cannot do without, ms."
    return Table(caption, ("stage", "processor time", "wall-clock"), lines)


def _spread(value: Figure | None) -> str:
    if value is None:
        return NONE
    if value.least == value.greatest:
        return _number(value.middle)
    return f"{_number(value.middle)} ({_number(value.least)} to {_number(value.greatest)})"


def _middle(value: Figure | None) -> str:
    return NONE if value is None else _number(value.middle)


def _times(value: float) -> str:
    return f"{value:,.0f}" if value > 10 else f"{value:.1f}"


def _number(value: float | None) -> str:
    """Three digits are enough; what is below 0.005 is 0."""
    if value is None:
        return NONE
    if value >= 100:
        return f"{value:,.0f}"
    text = f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return "0" if text == "0.00" else text
