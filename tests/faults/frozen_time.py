"""Bounds on waiting, measured by a clock that no other program on the machine moves."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, Final, cast

from shared.cache.store import StoreUnavailable
from tests.services.long_timeouts import LONG_SECONDS

HIT_PATH: Final = 0.25
"""Seconds that a dead Redis may cost a request, at most (docs/caching.md)."""

AT_ONCE: Final = 0.001
"""Seconds in which nothing is waited for: readings of the clock are a nanosecond apart."""

IDLE: Final = 0.05
"""Real seconds without an event after which whoever waits is taken to wait for time to pass."""


class FrozenTimeLoop(asyncio.SelectorEventLoop):
    """An event loop with real sockets and threads, whose time stands still.

    No timeout comes while something answers, however long that takes. Time passes by `advance`,
    and within `waiting`: there it goes on to the next timer when nothing else happens.
    """

    def __init__(self) -> None:
        self._now, self._jumps, self._working = 1000.0, False, 0
        super().__init__(cast("selectors.BaseSelector", _Selector(self)))

    def time(self) -> float:
        """No two readings are equal, so that whoever waits for a later one goes on."""
        self._now += 1e-9
        return self._now

    async def advance(self, seconds: float) -> None:
        """Let so much time pass: whatever became due is run, and not waited for."""
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
        """A thread is at work for somebody: that takes no time."""
        self._working += 1
        job.add_done_callback(lambda _: self.call_soon_threadsafe(self._ended))

    def _ended(self) -> None:
        self._working -= 1

    def passed(self, seconds: float) -> bool:
        """Nothing has happened for a while, and so long is it until the next timer."""
        if self._jumps and not self._working:
            self._now += seconds
        return self._jumps and not self._working


class _Selector(selectors.DefaultSelector):
    """Waits for events, not for timers."""

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
    """The test's."""
    return cast("FrozenTimeLoop", asyncio.get_running_loop())


async def seconds_of(call: Awaitable[object]) -> float:
    """How long it waits for what does not come."""
    loop = frozen_loop()
    with loop.waiting():
        began = loop.time()
        await call
        return loop.time() - began


async def seconds_until_unavailable(call: Callable[[], Awaitable[object]]) -> float:
    """How long the call takes to raise StoreUnavailable. Raises AssertionError when it does not."""
    return await seconds_of(_away(call))


async def _away(call: Callable[[], Awaitable[object]]) -> None:
    try:
        await call()
    except StoreUnavailable:
        return
    raise AssertionError("the store answered")
