"""Blocking work beside the event loop: bounded, timed, and never torn from its connection."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextvars import copy_context

from shared.errors import DatabaseUnavailable


class Threads:
    """Runs jobs in an executor. A caller who leaves does not stop a job that has begun."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def start[T](self, job: Callable[[], T]) -> Future[T]:
        """Queue a job; it sees the caller's context, so that its spans have their parent."""
        return self._executor.submit(copy_context().run, job)

    async def run[T](self, job: Callable[[], T], seconds: float) -> T:
        """The job's result. Raises DatabaseUnavailable when it takes longer than `seconds`."""
        try:
            return await answer(self.start(job), seconds)
        except TimeoutError as error:
            raise DatabaseUnavailable from error


async def answer[T](work: Future[T], seconds: float) -> T:
    """Wait for a job; one that has not begun is called off when the caller leaves.

    Raises TimeoutError after `seconds`.
    """
    async with asyncio.timeout(seconds):
        return await asyncio.wrap_future(work)
