"""Counters of the `limits` library, in Redis and in the process."""

import time
from collections.abc import Callable
from typing import Any, Final

from pydantic import SecretStr

from shared.identity.limits import CountersAway, Rate

KEY_PREFIX: Final = "smart-cache:limits"
SOCKET_SECONDS: Final = 0.1
MAX_KEYS: Final = 20_000
"""In the process: some MB. Beyond it, counting begins anew: an attacker with so many addresses is
not held by any limit per address."""


class LibraryCounters:
    """Sliding windows, which remember two numbers per key whatever the rate."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._limiter: Any = None

    async def spend(self, key: str, rate: Rate) -> float:
        from limits import RateLimitItemPerSecond  # noqa: PLC0415 - takes 130 ms
        from limits.errors import StorageError  # noqa: PLC0415 - likewise

        item = RateLimitItemPerSecond(rate.amount, rate.seconds)
        try:
            limiter = await self._connected()
            if await limiter.hit(item, key):
                return 0.0
            reset_at, _ = await limiter.get_window_stats(item, key)
        except (StorageError, OSError) as error:
            raise CountersAway from error
        return float(max(0.001, reset_at - time.time()))

    async def count(self, key: str, seconds: int) -> int:
        from limits.errors import StorageError  # noqa: PLC0415 - takes 130 ms

        try:
            limiter = await self._connected()
            return int(await limiter.storage.incr(f"total:{key}", seconds))
        except (StorageError, OSError) as error:
            raise CountersAway from error

    async def close(self) -> None:
        bridge = getattr(getattr(self._limiter, "storage", None), "bridge", None)
        if bridge:
            await bridge.get_connection().aclose()

    async def _connected(self) -> Any:
        from limits.aio.strategies import (  # noqa: PLC0415 - takes 130 ms
            SlidingWindowCounterRateLimiter,
        )

        if self._limiter is None:
            self._limiter = SlidingWindowCounterRateLimiter(self._build())
        return self._limiter


class MemoryCounters(LibraryCounters):
    """In the process, so each process allows the whole rate."""

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        super().__init__(_memory_storage)
        self._max_keys = max_keys

    async def _connected(self) -> Any:
        limiter = await super()._connected()
        if len(limiter.storage.storage) > self._max_keys:
            await limiter.storage.reset()
        return limiter


def redis_counters(url: SecretStr, **options: Any) -> LibraryCounters:
    """Counters in the Redis of this URL (schemes as in Settings.redis_url).

    `options` go to redis-py, as `connection_pool` or `credential_provider`.
    """
    return LibraryCounters(lambda: _redis_storage(url.get_secret_value(), options))


def _memory_storage() -> Any:
    from limits.aio.storage import MemoryStorage  # noqa: PLC0415 - takes 130 ms

    return MemoryStorage()


def _redis_storage(url: str, options: dict[str, Any]) -> Any:
    from limits.aio.storage import RedisClusterStorage, RedisStorage  # noqa: PLC0415 - 130 ms
    from redis.asyncio.retry import Retry  # noqa: PLC0415 - takes 170 ms
    from redis.backoff import NoBackoff  # noqa: PLC0415 - likewise

    scheme, _, rest = url.partition("://")
    settings: dict[str, Any] = {
        "socket_timeout": SOCKET_SECONDS,
        "socket_connect_timeout": SOCKET_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        **options,
    }
    if scheme.startswith("rediss"):
        settings["ssl"] = True
    kind = RedisClusterStorage if scheme.endswith("+cluster") else RedisStorage
    plain = f"async+redis+cluster://{rest}" if scheme.endswith("+cluster") else f"async+{url}"
    return kind(
        plain,
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix=KEY_PREFIX,
        **settings,
    )
