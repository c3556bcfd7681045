"""Bounds in real time, measured on machines that are busy with other things."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from shared.catalog.store import StoreAway

HIT_PATH: Final = 0.25
"""Seconds that a dead Redis may cost a request, at most (docs/caching.md)."""

AT_ONCE: Final = 0.005
"""Seconds that it may cost once the circuit is open."""

ATTEMPTS: Final = 4


async def seconds_until_away(call: Callable[[], Awaitable[object]]) -> float:
    """How long the call takes to raise StoreAway. Raises AssertionError when it does not."""
    began = time.perf_counter()
    try:
        await call()
    except StoreAway:
        return time.perf_counter() - began
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
