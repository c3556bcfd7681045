"""What everything runs on: a clock, background tasks, and threads for blocking work."""

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Final, Protocol

from shared.telemetry import Events

type Clock = Callable[[], float]
"""Seconds since some fixed moment. It never goes back, and counts suspension."""

_CLOCK_ID = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boottime() -> float:
    """Return CLOCK_BOOTTIME in seconds: unlike CLOCK_MONOTONIC it counts suspension."""
    return time.clock_gettime(_CLOCK_ID)


_log = logging.getLogger(__name__)


class Background:
    """Starts tasks in the background and keeps references to them; the event loop keeps none.

    An exception of a type in `expected` is left to whoever awaits the task. Any other is logged,
    because perhaps nobody awaits it.
    """

    def __init__(self, expected: tuple[type[Exception], ...] = ()) -> None:
        self._expected = expected
        self._tasks: set[asyncio.Task[Any]] = set()

    def start[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` as a task of its own. Await it through asyncio.shield."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, self._expected):
            _log.error("work in the background failed", exc_info=error)

    async def drain(self) -> None:
        """Wait until no task runs any more. For tests and the CLI; the app never needs it."""
        while self._tasks:
            await asyncio.wait(self._tasks)


SWITCH_SECONDS: Final = 0.0005
"""How long a thread that computes keeps the interpreter from one that wants it; Python's own 5 ms
would be added to an answer several times over."""

NICENESS: Final = 5
"""Added to that of threads that compute for long: on a single core the event loop comes first, and
a third of the time is left for them."""


class Workers(Protocol):
    async def run[**P, T](self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work(*args, **kwargs)`, run where it blocks nobody.

        It sees the caller's context: its spans have their parent, its logs the request's id.
        """
        ...


class ThreadWorkers:
    """At most `threads` at a time; started when first used."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run[**P, T](self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        context = copy_context()
        return await loop.run_in_executor(self._pool, lambda: context.run(work, *args, **kwargs))


def yielding_threads(threads: int, name: str) -> ThreadPoolExecutor:
    """A pool for what computes for long: it delays the event loop by a millisecond or two at most.

    Sets the interpreter's switch interval, for the whole process.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    return ThreadPoolExecutor(threads, name, initializer=_give_way)


def _give_way() -> None:
    if sys.platform == "linux":  # elsewhere a thread has no niceness of its own
        thread = threading.get_native_id()
        inherited = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, inherited + NICENESS)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What most parts of the product need, passed as one object."""

    clock: Clock
    background: Background
    workers: Workers
    events: Events
