"""Work that outlives the request that started it."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class Background:
    """Starts tasks and keeps them alive: the event loop itself holds only weak references.

    What `expected` names is an answer to whoever waits for the work. Any other end of it is a
    fault of ours and is logged: perhaps nobody waits.
    """

    def __init__(self, expected: tuple[type[Exception], ...] = ()) -> None:
        self._expected = expected
        self._tasks: set[asyncio.Task[Any]] = set()

    def start[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` on its own; whoever awaits the task should shield it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, self._expected):
            _log.error("work beside the requests failed", exc_info=error)

    async def drain(self) -> None:
        """Wait until nothing runs any more; for tests and the CLI, never needed by the app."""
        while self._tasks:
            await asyncio.wait(self._tasks)
