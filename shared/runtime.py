"""What everything runs on: a clock, background tasks, and threads for blocking work."""

import asyncio
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from itertools import islice
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
"""How long a computing thread keeps the interpreter while another thread waits for it. Python's own
5 ms would delay one answer several times."""

NICENESS: Final = 5
"""Added to the niceness of threads for long computations: on a single core the event loop comes
first, and a third of the time is left for them."""


class Workers(Protocol):
    async def run[**P, T](self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return `work(*args, **kwargs)`, run where it does not block the event loop.

        It runs in the caller's context: its spans have their parent, its logs the request's id.
        """
        ...


class ThreadWorkers:
    """Workers in at most `threads` threads, each started when it is first needed."""

    def __init__(
        self, threads: int, name: str, initializer: Callable[[], object] | None = None
    ) -> None:
        self._pool = ThreadPoolExecutor(threads, name, initializer)

    async def run[**P, T](self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """When the caller is cancelled, so is work that has not begun; other work goes on."""
        return await asyncio.wrap_future(self.start(work, *args, **kwargs))

    def start[**P, T](
        self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Queue work as `run` does, for a caller who must know whether it began."""
        return self._pool.submit(partial(copy_context().run, work, *args, **kwargs))

    def close(self) -> None:
        """Wait until all work is done, and end the threads."""
        self._pool.shutdown()


def yielding_threads(threads: int, name: str) -> ThreadWorkers:
    """Threads for long computations, which delay the event loop by a millisecond or two at most.

    Sets the interpreter's switch interval, for the whole process.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    return ThreadWorkers(threads, name, _give_way)


def pipelined[T](items: Iterator[T], work: Callable[[T], object], ahead: int) -> None:
    """Call `work(item)` for each item in a second thread, in order, while the next item is made.

    At most `ahead` items wait. An error of `items` or of `work` ends both. On Linux the second
    thread has this one's niceness. A first item is worked on here: a single one needs no thread.
    """
    for item in islice(items, 1):
        work(item)
    with ThreadPoolExecutor(1, "pipeline") as second:
        waiting = deque[Future[object]]()
        for item in items:
            waiting.append(second.submit(work, item))
            if len(waiting) > ahead:
                waiting.popleft().result()
        for future in waiting:
            future.result()


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
