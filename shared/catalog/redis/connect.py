"""Clients for a Redis URL: plain, TLS or cluster, with short timeouts and no hidden retries.

redis-py's defaults retry ten times: one GET against a dead server blocks for seconds.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

type Client = Redis | RedisCluster
type OnConnect = Callable[[AbstractConnection], Awaitable[None]]

CONNECTIONS: Final = 16
"""Commands that one client may have under way; a cluster's client fails the one beyond them."""

_CLUSTER: Final = "+cluster"
_IDLE_CHECK_SECONDS: Final = 60
"""Azure drops connections that were idle for ten minutes."""


def connect(url: str, *, timeout: float, on_connect: OnConnect) -> Client:
    """A client that connects when it is first used.

    `timeout` bounds the connect and each answer, in seconds; `on_connect` runs on every new
    connection and must call its `on_connect()`. Schemes: redis, rediss, and either with +cluster.
    """
    options = _options(timeout)
    if not urlsplit(url).scheme.endswith(_CLUSTER):
        return Redis.from_url(url, redis_connect_func=on_connect, **options)
    return _cluster(url.replace(_CLUSTER, "", 1), options, on_connect)


def _cluster(url: str, options: dict[str, Any], on_connect: OnConnect) -> RedisCluster:
    # Its answer to the fifth moved slot would be to break off every connection in use.
    client = RedisCluster.from_url(url, reinitialize_steps=0, **options)
    # The constructor takes no connect function; every node copies these arguments when it is met.
    nodes = client.nodes_manager.startup_nodes.values()
    for arguments in (client.connection_kwargs, *(node.connection_kwargs for node in nodes)):
        arguments["redis_connect_func"] = on_connect
    return client


def _options(timeout: float) -> dict[str, Any]:
    return {
        "protocol": 2,
        "max_connections": CONNECTIONS,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "health_check_interval": _IDLE_CHECK_SECONDS,
    }
