"""The storage of the `limits` library on a client of ours, which it is lent.

Its own storages would read REDIS_URL by another grammar, and connect by themselves. Importing this
module imports `limits`.
"""

from typing import Any, Final

from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

KEY_PREFIX: Final = "smart-cache:limits"

_REDIS_PY: Final = {"redis": RedisStorage.DEPENDENCIES["redis"]}
"""Of three packages that the library would look for whenever a storage is made."""


class ClientStorage(RedisStorage):
    """Counts through redis-py's client, of one server or of a cluster.

    The library keeps the two keys of a sliding window in one slot of a cluster.
    """

    DEPENDENCIES = _REDIS_PY

    def __init__(self, client: Any) -> None:
        self._client = client
        super().__init__("async+redis://", implementation="redispy", key_prefix=KEY_PREFIX)

    def configure_bridge(self) -> None:
        """Called by the library, which would connect here."""
        bridge: Any = self.bridge
        bridge.connection_getter = lambda _: self._client


def limiter_on(client: Any) -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(ClientStorage(client))
