"""Measures timeouts on an event loop whose time does not depend on the speed of the machine."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, Final, cast

from shared.cache.store import StoreUnavailable
from tests.services.long_timeouts import LONG_SECONDS

HIT_PATH: Final = 0.25
"""The most seconds that an unavailable Redis may cost a request (docs/faults.md)."""

AT_ONCE: Final = 0.001
"""The most seconds of a call that waits for nothing: each reading of the clock adds 1 ns."""

IDLE: Final = 0.05
"""Real seconds without an event after which time moves on to the next timer."""


class FrozenTimeLoop(asyncio.SelectorEventLoop):
    """An event loop with real sockets and threads, whose time stands still.

    However long a server takes to answer, no timeout expires. Time moves by `advance`; within
    `waiting` it jumps to the next timer if nothing happens for IDLE seconds.
    """

    def __init__(self) -> None:
        self._now, self._jumps, self._working = 1000.0, False, 0
        super().__init__(cast("selectors.BaseSelector", _Selector(self)))

    def time(self) -> float:
        """Return the time, 1 ns later at each call, so that no two readings are equal."""
        self._now += 1e-9
        return self._now

    async def advance(self, seconds: float) -> None:
        """Move the time on, and run the timers that are due, without waiting for their results."""
        self._now += seconds
        for _ in range(3):
            await asyncio.sleep(0)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        self._jumps = True
        try:
            yield
        finally:
            self._jumps = False

    def run_in_executor(  # type: ignore[override]  # typeshed has it generic in its arguments
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        self._working += 1
        work = super().run_in_executor(executor, func, *args)
        work.add_done_callback(lambda _: self._ended())
        return work

    def working(self, job: Future[Any]) -> None:
        """Stop the time until a thread's job ends: its work takes no time."""
        self._working += 1
        job.add_done_callback(lambda _: self.call_soon_threadsafe(self._ended))

    def _ended(self) -> None:
        self._working -= 1

    def passed(self, seconds: float) -> bool:
        """Move on to the next timer, `seconds` away, if time may jump; return whether it did."""
        if self._jumps and not self._working:
            self._now += seconds
        return self._jumps and not self._working


class _Selector(selectors.DefaultSelector):
    """Waits for events; asks the loop to jump instead of waiting for a timer."""

    def __init__(self, loop: FrozenTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        for _ in range(round(LONG_SECONDS / IDLE)):
            if events := super().select(IDLE):
                return events
            if timeout is not None and self._loop.passed(timeout):
                return []
        raise AssertionError(f"Nothing has happened for {LONG_SECONDS} s, and no timer is due.")


def frozen_loop() -> FrozenTimeLoop:
    """Return the loop of the running test."""
    return cast("FrozenTimeLoop", asyncio.get_running_loop())


async def seconds_of(call: Awaitable[object]) -> float:
    """Await a call; return the seconds that it took by the loop's clock."""
    loop = frozen_loop()
    with loop.waiting():
        began = loop.time()
        await call
        return loop.time() - began


async def seconds_until_unavailable(call: Callable[[], Awaitable[object]]) -> float:
    """Return the seconds until the call raises StoreUnavailable; fail if it does not."""
    return await seconds_of(_expect_unavailable(call))


async def _expect_unavailable(call: Callable[[], Awaitable[object]]) -> None:
    try:
        await call()
    except StoreUnavailable:
        return
    raise AssertionError("the store answered")
