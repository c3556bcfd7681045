"""Unit tests on virtual time: no test waits, and tasks that are ready run in a seeded order."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from random import Random
from typing import Any

import pytest

from shared.runtime import Background, Runtime
from shared.telemetry import CountedEvents
from tests.simulation.loop import SimulatedLoop

SEEDS = range(5)


def virtual(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[int], None]:
    """Run the test once for each of a few orders; whatever nobody retrieved is a failure."""

    @pytest.mark.parametrize("order", SEEDS)
    def run(order: int) -> None:
        loop = SimulatedLoop(Random(order))  # type: ignore[abstract]  # noqa: S311 -- no secret
        loop.run(test())
        assert loop.faults == []

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def now() -> float:
    """The virtual clock's reading; no two are ever equal."""
    return asyncio.get_running_loop().time()


async def seconds_of(work: Awaitable[object]) -> float:
    """How much virtual time the work takes, whatever becomes of it."""
    began = now()
    await asyncio.gather(work, return_exceptions=True)
    return now() - began


class ImmediateWorkers:
    """The port Workers without threads."""

    async def run[**P, T](self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return work(*args, **kwargs)


def virtual_runtime(
    events: CountedEvents | None = None,
    background: Background | None = None,
    clock: Callable[[], float] = now,
) -> Runtime:
    return Runtime(clock, background or Background(), ImmediateWorkers(), events or CountedEvents())
