"""One query for all who ask at about the same time; none gets an answer from before it asked."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from dataclasses import dataclass

from shared.runtime import Background


@dataclass(slots=True)
class _Question[V]:
    """What is asked as soon as no query runs, in the context of the first who asked."""

    answer: asyncio.Future[V]
    context: Context


class Coalescer[K, V]:
    """Runs one query per key at a time; who asks while one is under way shares the next."""

    def __init__(self, query: Callable[[K], Awaitable[V]], background: Background) -> None:
        self._query = query
        self._background = background
        self._queued: dict[K, _Question[V]] = {}
        self._running: set[K] = set()

    async def ask(self, key: K) -> V:
        """The answer of a query issued after this call.

        A query that fails after this call fails for this caller too: one who asked a moment after
        it was issued would wait for a second failure.
        """
        question = self._queued.get(key)
        if question is None:
            future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
            question = self._queued[key] = _Question(future, copy_context())
        if key not in self._running:
            self._next(key)
        return await asyncio.shield(question.answer)

    def _next(self, key: K) -> None:
        question = self._queued.get(key)
        if question is None:
            self._running.discard(key)
            return
        self._running.add(key)
        question.context.run(self._background.start, self._run(key))

    async def _run(self, key: K) -> None:
        try:
            await self._answer(key, self._queued.pop(key).answer)
        finally:
            self._next(key)

    async def _answer(self, key: K, answer: asyncio.Future[V]) -> None:
        try:
            answer.set_result(await self._query(key))
        except Exception as error:  # noqa: BLE001 -- it is raised where it was asked for
            queued = self._queued.pop(key, None)
            for waiting in (answer, *([queued.answer] if queued else ())):
                waiting.set_exception(error)
                waiting.exception()
