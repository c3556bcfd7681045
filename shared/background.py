"""Work that outlives the request that started it."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class Background:
    """Starts tasks and keeps them alive: the event loop itself holds only weak references."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` on its own; whoever awaits the task should shield it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.info("background work ended with %s", type(error).__name__)

    async def drain(self) -> None:
        """Wait until nothing runs any more; for tests and the CLI, never needed by the app."""
        while self._tasks:
            await asyncio.wait(self._tasks)
