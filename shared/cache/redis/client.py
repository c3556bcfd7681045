"""Clients for a Redis URL: plain, TLS or cluster, with short timeouts and no hidden retries.

redis-py's defaults retry ten times: one GET against a dead server blocks for seconds.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    RedisSSLContext,
    SSLConnection,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from shared.entra import redis_identity

type Client = Redis | RedisCluster
type OnConnect = Callable[[AbstractConnection], Awaitable[None]]

CONNECTIONS: Final = 16
"""Commands that one client may have under way; a cluster's client fails the one beyond them."""

_CLUSTER: Final = "+cluster"
_IDLE_CHECK_SECONDS: Final = 60
"""Azure drops connections that were idle for ten minutes."""


class Connector:
    """Makes clients for a URL; each connects when it is first used.

    `timeout` bounds the connect and each answer, in seconds; `on_connect` runs on every new
    connection and must call its `on_connect()`. Schemes: redis, rediss, and either with +cluster;
    with `?auth=entra` it signs in as the identity that this runs as. Raises ValueError for others.
    """

    def __init__(self, url: str, *, timeout: float, on_connect: OnConnect) -> None:
        url, identity = redis_identity(url)
        scheme = urlsplit(url).scheme
        self._is_cluster = scheme.endswith(_CLUSTER)
        self._url = url.replace(_CLUSTER, "", 1) if self._is_cluster else url
        self._connections = _tls_connections() if scheme.startswith("rediss") else Connection
        self._on_connect = on_connect
        self._options = _options(timeout) | identity

    def connect(self) -> Client:
        return self._cluster() if self._is_cluster else self._single()

    def _single(self) -> Redis:
        client = Redis.from_url(self._url, redis_connect_func=self._on_connect, **self._options)
        client.connection_pool.connection_class = self._connections
        return client

    def _cluster(self) -> RedisCluster:
        # Its answer to the fifth moved slot would be to break off every connection in use.
        client = RedisCluster.from_url(self._url, reinitialize_steps=0, **self._options)
        # The constructor takes neither; every node copies these arguments when it is met.
        client.connection_kwargs["connection_class"] = self._connections
        client.connection_kwargs["redis_connect_func"] = self._on_connect
        for node in client.nodes_manager.startup_nodes.values():
            node.connection_class = self._connections
            node.connection_kwargs["redis_connect_func"] = self._on_connect
        return client


async def close(client: Client) -> None:
    """Close all its connections; while it has to discover a cluster again, aclose() does not."""
    await client.aclose()
    if isinstance(client, RedisCluster):
        await client.nodes_manager.aclose()
        await client.nodes_manager.aclose("startup_nodes")


def _tls_connections() -> type[SSLConnection]:
    """Connections that share one TLS context.

    redis-py reads the system's certificates for each: 20 ms in which the event loop stands still,
    so that a burst of first callers would find the store away.
    """

    class TlsConnection(SSLConnection):
        shared: RedisSSLContext | None = None

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            TlsConnection.shared = self.ssl_context = TlsConnection.shared or self.ssl_context

    return TlsConnection


def _options(timeout: float) -> dict[str, Any]:
    return {
        "protocol": 2,
        "max_connections": CONNECTIONS,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "health_check_interval": _IDLE_CHECK_SECONDS,
    }
