"""The counters of rate limits as the app makes them, with timeouts of a test's own."""

from shared.auth.rate_counters import RedisCounters
from shared.cache.redis.client import RedisConnections
from shared.runtime import Background, Workers
from tests.services.long_timeouts import LONG_SECONDS


def counters_on(url: str, workers: Workers, timeout: float = LONG_SECONDS) -> RedisCounters:
    """Counters in the Redis of this URL; `timeout` is that of each answer."""
    background = Background()
    return RedisCounters(
        lambda: RedisConnections(url, timeout=timeout, background=background), workers
    )
