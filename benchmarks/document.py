"""The document of a run, as the JSON has it: its rows, which are medians over turns, and ratios."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from benchmarks.contenders import HOST, NGINX, PRODUCT, REBUILDING

type Document = Mapping[str, Any]
type Key = tuple[str, int, str]
"""Task, clients, contender."""

FILL_LIMIT: Final = ("fetch", "dumps", "compress")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's median over turns, and its least and greatest value."""

    middle: float
    least: float
    greatest: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a target is about: a ratio of medians over turns, and that of the turns themselves."""

    name: str
    cpu: Figure | None
    """By processor time; None where that of both sides is not told apart."""
    wall: Figure


def figure(values: Sequence[float]) -> Figure:
    return Figure(median(values), min(values), max(values))


def rows(document: Document) -> dict[Key, list[Any]]:
    """Return the turns of each task, number of clients and contender, in the order of the run."""
    found: dict[Key, list[Any]] = {}
    for cell in document["cells"]:
        key = cell["task"], cell["load"]["clients"], cell["contender"]
        found.setdefault(key, []).append(cell)
    return found


def of_load(turns: Sequence[Any], name: str) -> Figure | None:
    """A figure of the callers, None where a turn has it not."""
    values = [turn["load"][name] for turn in turns]
    return None if None in values else figure(values)


def of_turns(turns: Sequence[Any], name: str) -> Figure:
    """A figure of the turns themselves: `cpu_ms` or `redis_cpu_ms`."""
    return figure([turn[name] for turn in turns])


QUICK: Final = (PRODUCT, "hit, gzip")
UNCOMPRESSED: Final = (PRODUCT, "hit")
COLD: Final = (PRODUCT, "cold")
PAIRS: Final = (
    ("hit, naive / ours", ("naive", "hit"), QUICK),
    ("hit, naive with a type / ours", ("naive_typed", "hit"), QUICK),
    ("hit, fastapi-cache2 / ours", ("fastapi_cache2", "hit"), QUICK),
    ("hit, cashews / ours, both uncompressed", ("cashews_bytes", "hit"), UNCOMPRESSED),
    ("hit, ours / nginx, gzip", QUICK, (NGINX, "hit, gzip")),
    ("hit, ours / nginx, uncompressed", UNCOMPRESSED, (NGINX, "hit")),
    ("hit, ours / the host alone, gzip", QUICK, (HOST, "hit, gzip")),
    ("cold, ours / naive", COLD, ("naive", "cold")),
    ("cold, ours / naive with a type", COLD, ("naive_typed", "cold")),
    ("cold, ours / cashews", COLD, ("cashews_bytes", "cold")),
    ("write, ours / naive", (PRODUCT, "write"), ("naive", "write")),
    (
        "read after rebuild / hit after the same pause",
        (REBUILDING, "read after rebuild"),
        (REBUILDING, "genre after a pause"),
    ),
)
"""The ratios of one client's tasks: a name, and contender and task of both sides."""

ALONE: Final = "genre, alone"
DURING_FILLS: Final = "genre, beside fills"
ONE_COLD: Final = "cold, one record"
SLOWEST_COLD: Final = "cold, one record, slowest of 64"


def ratios(document: Document) -> Iterator[Ratio]:
    """Yield the ratios of what was measured."""
    found = rows(document)
    for name, left, right in PAIRS:
        one, other = (found.get((task, 1, contender)) for contender, task in (left, right))
        if one and other:
            yield Ratio(name, _ratio(one, other, _cpu), _ratio(one, other, _p50))
    yield from _beside_others(document)
    yield from _of_fill(document)


def _ratio(one: Sequence[Any], other: Sequence[Any], of: Callable[[Any], float]) -> Figure:
    left, right = (list(map(of, turns)) for turns in (one, other))
    each = [a / b for a, b in zip(left, right, strict=True)]
    return Figure(median(left) / median(right), min(each), max(each))


def _cpu(turn: Any) -> float:
    return float(turn["cpu_ms"])


def _p50(turn: Any) -> float:
    return float(turn["load"]["p50"])


def _beside_others(document: Document) -> Iterator[Ratio]:
    """What others cost a caller: the processor time is theirs, too, so there is no ratio of it."""
    found, ours = rows(document), document["singles"].get(PRODUCT, {})
    if ONE_COLD in ours:
        slowest = ours[SLOWEST_COLD] / ours[ONE_COLD]
        yield Ratio("slowest of 64 on a cold list / one", None, figure([slowest]))
    alone, during = (found.get((task, 1, PRODUCT)) for task in (ALONE, DURING_FILLS))
    if alone and during:
        yield Ratio("hit beside fills / alone, p50", None, _ratio(during, alone, _p50))


def _of_fill(document: Document) -> Iterator[Ratio]:
    """A fill beside the least that it must do: the driver's fetch, one dumps, one compression."""
    stages = document["fill"]
    for cores in ("one core", "two cores"):
        if (name := f"fill, {cores}") in stages:
            cpu, wall = (_of_limit(stages, name, by) for by in ("processor", "clock"))
            yield Ratio(f"fill on {cores} / fetch + dumps + compress", cpu, wall)


def _of_limit(stages: Mapping[str, Any], name: str, by: str) -> Figure:
    times = {stage: stages[stage][by] for stage in (name, *FILL_LIMIT)}
    limit = sum(median(times[stage]) for stage in FILL_LIMIT)
    limits = map(sum, zip(*(times[stage] for stage in FILL_LIMIT), strict=True))
    each = [fill / least for fill, least in zip(times[name], limits, strict=True)]
    return Figure(median(times[name]) / limit, min(each), max(each))
