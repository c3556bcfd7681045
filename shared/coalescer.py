"""One query for all who ask at about the same time; none gets an answer from before it asked."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.background import Background


class Coalescer[K, V]:
    """Runs one query per key at a time; who asks while one is under way shares the next."""

    def __init__(self, query: Callable[[K], Awaitable[V]], background: Background) -> None:
        self._query = query
        self._background = background
        self._queued: dict[K, asyncio.Future[V]] = {}
        self._running: set[K] = set()

    async def ask(self, key: K) -> V:
        """The answer of a query issued after this call.

        A query that fails after this call fails for this caller too: one who asked a moment after
        it was issued would wait for a second failure.
        """
        answer = self._queued.get(key)
        if answer is None:
            answer = self._queued[key] = asyncio.get_running_loop().create_future()
        if key not in self._running:
            self._running.add(key)
            self._background.start(self._run(key))
        return await asyncio.shield(answer)

    async def _run(self, key: K) -> None:
        try:
            while (answer := self._queued.pop(key, None)) is not None:
                await self._answer(key, answer)
        finally:
            self._running.discard(key)

    async def _answer(self, key: K, answer: asyncio.Future[V]) -> None:
        try:
            answer.set_result(await self._query(key))
        except Exception as error:  # noqa: BLE001 -- it is raised where it was asked for
            for waiting in (answer, self._queued.pop(key, None)):
                if waiting is not None:
                    waiting.set_exception(error)
                    waiting.exception()
