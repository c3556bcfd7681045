"""The tasks of a run: which contenders get which load."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks import measures
from benchmarks.contenders import (
    ALL,
    FUNC,
    GZIP,
    HOST,
    NGINX,
    NO_MEMORY,
    PRODUCT,
    REBUILDING,
    Contender,
    etag,
)
from benchmarks.results import Measured
from benchmarks.servers import RIVALS

REBUILD_SECONDS: Final = 0.5
"""Time in which a genre's list is certainly rebuilt."""

GENRE: Final = "/features/custom?arg=Pop"
PAGE: Final = "/features?limit=100"
SLOW: Final = ("naive", "naive_typed", "fastapi_cache2")
"""They parse and serialise what they have in Redis: a call takes up to two seconds."""

ONE: Final = 1

type Measure = Callable[[Contender], Measured]


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of a load, numbers of clients, calls of a measure, turns.

    Loads by several clients have fewer turns, and by `MANY` more seconds.
    """

    seconds: int
    seconds_of_many: int
    clients: tuple[int, ...]
    calls: int
    turns: int
    turns_of_several: int


FULL: Final = Plan(
    seconds=2, seconds_of_many=4, clients=(1, 8, 64), calls=20, turns=5, turns_of_several=3
)
SHORT: Final = Plan(
    seconds=1, seconds_of_many=2, clients=(1, 64), calls=5, turns=2, turns_of_several=1
)

MANY: Final = 64
"""Clients of the longer loads, whose slowest answers are of interest."""


@dataclass(frozen=True, slots=True)
class Task:
    """A measure that some contenders get in turns, and the read that comes before it."""

    name: str
    contenders: tuple[str, ...]
    measure: Measure
    turns: int
    warm: tuple[str, Mapping[str, str]] | None = None


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield the tasks in their order: writes come last."""
    for clients in plan.clients:
        yield from _reads(plan, clients)
    everybody, turns = (*RIVALS, PRODUCT), plan.turns
    yield Task("cold", everybody, _cold, turns)
    yield Task("write", everybody, partial(measures.writes, times=plan.calls), turns)
    after = partial(measures.reads_after_writes, times=plan.calls)
    yield Task("read after write", everybody, after, turns)
    few = plan.calls // 2
    rebuilt = partial(measures.reads_after_writes, times=few, pause=REBUILD_SECONDS)
    yield Task("read after rebuild", (REBUILDING,), rebuilt, turns)
    paused = partial(measures.reads_after_pauses, times=few, pause=REBUILD_SECONDS)
    yield Task("genre after a pause", (REBUILDING,), paused, turns)


def _reads(plan: Plan, clients: int) -> Iterator[Task]:
    few = RIVALS if clients < MANY else ()
    of_bytes = (PRODUCT, NO_MEMORY, FUNC, HOST, NGINX) if few else (PRODUCT, FUNC, HOST, NGINX)
    load = partial(_load, plan=plan, clients=clients)
    turns = plan.turns if clients == ONE else plan.turns_of_several
    for name, contenders, path, headers in (
        ("hit", (*few, PRODUCT, NGINX), ALL, {}),
        ("hit, gzip", of_bytes, ALL, GZIP),
        ("page", (PRODUCT,), PAGE, GZIP),
        ("genre", (*few, PRODUCT), GENRE, GZIP),
    ):
        measure = partial(load, path=path, headers=headers)
        yield Task(name, contenders, measure, turns, (path, headers))
    not_modified = partial(_not_modified, load=load)
    yield Task("304", (PRODUCT, FUNC), not_modified, turns, (ALL, GZIP))


def _load(
    contender: Contender, *, path: str, headers: Mapping[str, str], plan: Plan, clients: int
) -> Measured:
    if contender.name in SLOW:
        times = (3 if path == ALL else 10) if clients == ONE else 1 if path == ALL else 3
        return measures.calls(contender, path, headers, clients, times)
    seconds = plan.seconds if clients < MANY else plan.seconds_of_many
    return measures.stream(contender, path, headers, clients, seconds)


def _not_modified(contender: Contender, *, load: Callable[..., Measured]) -> Measured:
    return load(contender, path=ALL, headers=GZIP | {"If-None-Match": etag(contender)})


def _cold(contender: Contender) -> Measured:
    return measures.cold(contender, {} if contender.name in RIVALS else GZIP)
