"""Bounds in real time, measured on machines that are busy with other things."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from shared.catalog.store import StoreAway

HIT_PATH: Final = 0.25
"""Seconds that a dead Redis may cost a request, at most (docs/caching.md)."""

AT_ONCE: Final = 0.005
"""Seconds that it may cost once the circuit is open."""

PATIENT: Final = 10.0
"""Seconds for an answer where it is not time that is asked about."""

ATTEMPTS: Final = 4


SCHEDSTAT: Final = Path("/proc/thread-self/schedstat")
"""Linux: ns on a core, ns waiting for one, time slices (Documentation/scheduler/sched-stats)."""


class Stopwatch:
    """Time that goes by, but for what this thread waited because others had the cores."""

    def __init__(self) -> None:
        self._began, self._waited = time.perf_counter(), _waited_for_a_core()

    def seconds(self) -> float:
        return time.perf_counter() - self._began - (_waited_for_a_core() - self._waited)


def _waited_for_a_core() -> float:
    return int(SCHEDSTAT.read_text().split()[1]) / 1e9 if SCHEDSTAT.is_file() else 0.0


async def seconds_until_away(call: Callable[[], Awaitable[object]]) -> float:
    """How long the call takes to raise StoreAway. Raises AssertionError when it does not."""
    watch = Stopwatch()
    try:
        await call()
    except StoreAway:
        return watch.seconds()
    raise AssertionError("the store answered")


async def within(bound: float, measure: Callable[[], Awaitable[float]]) -> None:
    """Fail unless one of a few measurements is below the bound.

    A busy machine makes some of them long; a broken promise makes all of them long.
    """
    measured: list[float] = []
    while len(measured) < ATTEMPTS:
        measured.append(await measure())
        if measured[-1] < bound:
            return
    raise AssertionError(f"{measured} s, and {bound} s were promised")
