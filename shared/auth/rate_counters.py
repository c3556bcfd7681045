"""Counters of the `limits` library, in Redis and in the process."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from shared.auth.rate_limits import CountersUnavailable
from shared.imports import BuiltOnce
from shared.runtime import Workers

if TYPE_CHECKING:
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

LENT_SECONDS: Final = 1.0
"""The longest use of a client, a first connection with its token from Entra included. Waiting for a
silent server ends earlier, by the client's own timeout; in a busy process by that of RateLimits."""

MAX_KEYS: Final = 20_000
"""In the process: some MB. Beyond it all counts begin again: an attacker with so many addresses
cannot be held by limits per address."""


class Connections(Protocol):
    """Lends a client of redis-py."""

    def client(self, seconds: float) -> AbstractAsyncContextManager[Any]:
        """Lend the client for at most so many seconds."""
        ...

    async def close(self) -> None: ...


class MemoryCounters:
    """In the process, so each process allows the whole rate."""

    def __init__(self, workers: Workers, max_keys: int = MAX_KEYS) -> None:
        self._limiter = BuiltOnce(_memory_limiter, workers)
        self._max_keys = max_keys

    async def prepare(self) -> None:
        await self._limiter.get()

    async def wait(self, key: str, rates: str) -> float:
        return await _wait(await self._limiter.get(), key, rates)

    async def spend(self, key: str, rates: str) -> float:
        limiter = await self._limiter.get()
        storage: Any = limiter.storage
        if len(storage.storage) > self._max_keys:
            await storage.reset()
        return await _spend(limiter, key, rates)

    async def count(self, key: str, seconds: int) -> int:
        return await _count(await self._limiter.get(), key, seconds)

    async def close(self) -> None:
        """Nothing to close."""


class RedisCounters:
    """In Redis, for all instances together. `connect` makes the connections, in a thread.

    Every failure is CountersUnavailable: whatever Redis does, no request may fail.
    """

    def __init__(self, connect: Callable[[], Connections], workers: Workers) -> None:
        self._connections = BuiltOnce(lambda: _with_library(connect), workers)
        self._client: Any = None
        self._limiter: Any = None
        self._opening = asyncio.Lock()
        self._opened = False

    async def prepare(self) -> None:
        async with self._opening:
            if self._opened:
                return
            await self._connections.get()
            self._opened = True
            async with self._lent() as limiter:
                await limiter.storage.get("first connection")

    async def wait(self, key: str, rates: str) -> float:
        async with self._lent() as limiter:
            return await _wait(limiter, key, rates)

    async def spend(self, key: str, rates: str) -> float:
        async with self._lent() as limiter:
            return await _spend(limiter, key, rates)

    async def count(self, key: str, seconds: int) -> int:
        async with self._lent() as limiter:
            return await _count(limiter, key, seconds)

    async def close(self) -> None:
        if connections := self._connections.if_built:
            await connections.close()

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator["SlidingWindowCounterRateLimiter"]:
        connections = await self._connections.get()
        try:
            async with connections.client(LENT_SECONDS) as client:
                yield self._limiter_on(client)
        except Exception as error:
            raise CountersUnavailable(type(error).__name__) from error

    def _limiter_on(self, client: Any) -> Any:
        """Return the limiter on this client. The connections replace a client that failed."""
        if client is not self._client:
            from shared.auth.client_storage import limiter_on

            self._client, self._limiter = client, limiter_on(client)
        return self._limiter


async def _wait(limiter: "SlidingWindowCounterRateLimiter", key: str, rates: str) -> float:
    return await _first_wait(limiter, limiter.test, key, rates)


async def _spend(limiter: "SlidingWindowCounterRateLimiter", key: str, rates: str) -> float:
    return await _first_wait(limiter, limiter.hit, key, rates)


async def _first_wait(
    limiter: "SlidingWindowCounterRateLimiter",
    allows: Callable[..., Awaitable[bool]],
    key: str,
    rates: str,
) -> float:
    from limits import parse_many

    for rate in parse_many(rates):
        if not await allows(rate, key):
            reset_at, _ = await limiter.get_window_stats(rate, key)
            return float(max(0.001, reset_at - time.time()))
    return 0.0


async def _count(limiter: "SlidingWindowCounterRateLimiter", key: str, seconds: int) -> int:
    return int(await limiter.storage.incr(f"total:{key}", seconds))


def _memory_limiter() -> "SlidingWindowCounterRateLimiter":
    from limits.aio.storage import MemoryStorage
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

    return SlidingWindowCounterRateLimiter(MemoryStorage())


def _with_library(connect: Callable[[], Connections]) -> Connections:
    import shared.auth.client_storage  # noqa: F401 -- loaded here, in a thread

    return connect()
