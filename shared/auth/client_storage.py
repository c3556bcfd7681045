"""A storage of the `limits` library that uses a client of ours.

The library's own storages parse REDIS_URL by another grammar and open connections of their own.
Importing this module imports `limits`.
"""

from typing import Any, Final

from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

KEY_PREFIX: Final = "smart-cache:limits"

_REDIS_PY: Final = {"redis": RedisStorage.DEPENDENCIES["redis"]}
"""The library looks for these packages whenever a storage is made: three of them by default."""


class ClientStorage(RedisStorage):
    """Counts through redis-py's client, of one server or of a cluster.

    The library keeps the two keys of a sliding window in one slot of a cluster.
    """

    DEPENDENCIES = _REDIS_PY

    def __init__(self, client: Any) -> None:
        self._client = client
        super().__init__("async+redis://", implementation="redispy", key_prefix=KEY_PREFIX)

    def configure_bridge(self) -> None:
        """Use our client. The library calls this in place of a method that would connect."""
        bridge: Any = self.bridge
        bridge.connection_getter = lambda _: self._client


def limiter_on(client: Any) -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(ClientStorage(client))
