"""Blocking work beside the event loop, in a bounded pool of our own."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, Protocol

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
