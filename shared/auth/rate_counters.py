"""Counters of the `limits` library, in Redis and in the process."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from pydantic import SecretStr

from shared.auth.rate_limits import CountersUnavailable
from shared.imports import IMPORTING
from shared.runtime import Workers

KEY_PREFIX: Final = "smart-cache:limits"
SOCKET_SECONDS: Final = 0.1
MAX_KEYS: Final = 20_000
"""In the process: some MB. Beyond it all counts begin again: an attacker with so many addresses
cannot be held by limits per address."""


class LibraryCounters:
    """Sliding windows, which remember two numbers per key whatever the rate."""

    def __init__(self, build: Callable[[], Any], workers: Workers) -> None:
        self._build, self._workers = build, workers
        self._preparing = asyncio.Lock()
        self._limiter: Any = None

    async def prepare(self) -> None:
        if self._limiter is None:
            async with self._preparing:
                self._limiter = self._limiter or await self._workers.run(self._built)

    async def spend(self, key: str, rates: str) -> float:
        from limits import parse_many

        with _translate_errors():
            for rate in parse_many(rates):
                if not await self._limiter.hit(rate, key):
                    reset_at, _ = await self._limiter.get_window_stats(rate, key)
                    return float(max(0.001, reset_at - time.time()))
        return 0.0

    async def count(self, key: str, seconds: int) -> int:
        with _translate_errors():
            return int(await self._limiter.storage.incr(f"total:{key}", seconds))

    async def close(self) -> None:
        bridge = getattr(getattr(self._limiter, "storage", None), "bridge", None)
        if bridge:
            await bridge.get_connection().aclose()

    def _built(self) -> Any:
        with IMPORTING:
            return self._build()


class MemoryCounters(LibraryCounters):
    """In the process, so each process allows the whole rate."""

    def __init__(self, workers: Workers, max_keys: int = MAX_KEYS) -> None:
        super().__init__(_memory, workers)
        self._max_keys = max_keys

    async def spend(self, key: str, rates: str) -> float:
        storage = self._limiter.storage
        if len(storage.storage) > self._max_keys:
            await storage.reset()
        return await super().spend(key, rates)


def redis_counters(url: SecretStr, workers: Workers, **options: Any) -> LibraryCounters:
    """Counters in the Redis of this URL (schemes as in Settings.redis_url).

    `options` go to redis-py, as `connection_pool`.
    """
    return LibraryCounters(lambda: _redis(url.get_secret_value(), options), workers)


@contextmanager
def _translate_errors() -> Iterator[None]:
    from limits.errors import StorageError

    try:
        yield
    except (StorageError, OSError) as error:
        raise CountersUnavailable from error


def _limiter(storage: Any) -> Any:
    from limits.aio import strategies

    return strategies.SlidingWindowCounterRateLimiter(storage)


def _memory() -> Any:
    from limits.aio.storage import MemoryStorage

    return _limiter(MemoryStorage())


def _redis(url: str, options: dict[str, Any]) -> Any:
    from limits.aio.storage import RedisClusterStorage, RedisStorage
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    from shared.entra import redis_identity

    url, sign_in = redis_identity(url)
    scheme, _, rest = url.partition("://")
    settings: dict[str, Any] = {
        "socket_timeout": SOCKET_SECONDS,
        "socket_connect_timeout": SOCKET_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        **sign_in,
        **options,
    }
    names: dict[str, Any] = {"implementation": "redispy", "key_prefix": KEY_PREFIX}
    if scheme.endswith("+cluster"):
        if scheme.startswith("rediss"):
            settings["ssl"] = True
        target = f"async+redis+cluster://{rest}"
        return _limiter(RedisClusterStorage(target, wrap_exceptions=True, **names, **settings))
    return _limiter(RedisStorage(f"async+{url}", wrap_exceptions=True, **names, **settings))
