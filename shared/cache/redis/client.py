"""Connections to Redis: plain, TLS or cluster, with short timeouts and no hidden retries.

redis-py's cluster client retries ten times by default: one GET to a dead server would block for
seconds.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from redis import exceptions
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    RedisSSLContext,
    SSLConnection,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from shared.cache.redis.entra import RedisIdentity
from shared.cache.store import ConnectionLost, StoreRefused, StoreUnavailable, Unreadable
from shared.runtime import Background
from shared.settings.redis_url import RedisUrl, parse_redis_url

_log = logging.getLogger(__name__)

type Client = Redis | RedisCluster
type OnConnect = Callable[[AbstractConnection], Awaitable[None]]

CONNECTIONS: Final = 16
"""Commands that may run at once; more wait. A cluster's client would raise an error instead."""

_IDLE_CHECK_SECONDS: Final = 60
"""Azure closes connections that were idle for ten minutes."""

_REDIS_ERRORS: Final = (exceptions.RedisError, exceptions.RedisClusterException)


class Connector:
    """Makes clients for a URL (see `parse_redis_url`); each connects when it is first used.

    `timeout` bounds the connect and each answer, in seconds; `on_connect` runs on every new
    connection and must call `connection.on_connect()`. Raises ValueError for a URL that cannot
    work.
    """

    def __init__(self, url: str, *, timeout: float, on_connect: OnConnect) -> None:
        self._url = parse_redis_url(url)
        self._connections = _tls_connections() if self._url.tls else PlainConnection
        self._on_connect = on_connect
        self._options = _options(timeout) | _address_and_sign_in(self._url)

    def connect(self) -> Client:
        return self._cluster() if self._url.cluster else self._single()

    def _single(self) -> Redis:
        pool = ConnectionPool(
            self._connections,
            db=self._url.db,
            redis_connect_func=self._on_connect,
            **self._options,
        )
        return Redis.from_pool(pool)

    def _cluster(self) -> RedisCluster:
        # By default it closes every connection in use after five MOVED answers.
        client = RedisCluster(reinitialize_steps=0, ssl=self._url.tls, **self._options)
        # The constructor takes neither; every node copies these arguments when it is first used.
        client.connection_kwargs["connection_class"] = self._connections
        client.connection_kwargs["redis_connect_func"] = self._on_connect
        for node in client.nodes_manager.startup_nodes.values():
            node.connection_class = self._connections
            node.connection_kwargs["redis_connect_func"] = self._on_connect
        return client


@dataclass(slots=True)
class _Lent:
    """A client, and how many commands use it."""

    client: Client
    users: int = 0


class RedisConnections:
    """Lends a client that is made at first use; commands beyond its connections wait.

    A client that failed is dropped with all its connections: where one of them broke in silence,
    for example at a firewall that dropped it, each of the others would cost the whole timeout.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        background: Background,
        on_connect: OnConnect = AbstractConnection.on_connect,
    ) -> None:
        self._connector = Connector(url, timeout=timeout, on_connect=on_connect)
        self._background = background
        self._current: _Lent | None = None
        self._turns = asyncio.Semaphore(CONNECTIONS)

    @asynccontextmanager
    async def client(self, seconds: float) -> AsyncIterator[Client]:
        """Lend the client for at most `seconds`, waiting included.

        Raises StoreRefused for what the server refused, ConnectionLost, and StoreUnavailable for
        anything else: asyncio raises a TypeError from a connection that was just closed, and
        redis-py's RedisClusterException is not a RedisError.
        """
        used = self._lent()
        used.users += 1
        try:
            async with asyncio.timeout(seconds), self._turns:
                # Read a cluster's slots before the first command, or redis-py asks a random node.
                await used.client.initialize()
                yield used.client
        except Unreadable:
            raise
        except Exception as error:
            raise self._failed(used, error) from error
        finally:
            used.users -= 1
            if used.users == 0 and self._current is not used:
                self._background.start(close(used.client))

    def _lent(self) -> _Lent:
        if self._current is None:
            try:
                self._current = _Lent(self._connector.connect())
            except (OSError, *_REDIS_ERRORS) as error:  # a cluster's node looks its host up here
                raise StoreUnavailable(type(error).__name__) from error
        return self._current

    def _failed(self, used: _Lent, error: Exception) -> StoreUnavailable:
        """Translate the error; drop the client unless the server merely refused a command."""
        refused = isinstance(error, exceptions.ResponseError)
        # A demoted primary: a new connection may reach the new primary.
        demoted = isinstance(error, exceptions.ReadOnlyError)
        if self._current is used and (demoted or not refused):
            self._current = None
        if refused:
            return StoreRefused(type(error).__name__)
        if isinstance(error, exceptions.ConnectionError | ConnectionError):
            return ConnectionLost(type(error).__name__)
        return StoreUnavailable(type(error).__name__)

    async def close(self) -> None:
        if self._current is not None:
            await close(self._current.client)


async def close(client: Client) -> None:
    """Close all connections of a client, even if a server does not answer or closing one fails.

    A cluster's aclose() ends at the first node that fails, and may leave out the nodes of the
    client's start. Errors of Redis and of sockets are only logged; others are raised.
    """
    parts: list[Awaitable[None]] = [client.aclose()]
    if isinstance(client, RedisCluster):
        manager = client.nodes_manager
        nodes = [*manager.nodes_cache.values(), *manager.startup_nodes.values()]
        parts += [node.disconnect() for node in nodes]
    for outcome in await asyncio.gather(*parts, return_exceptions=True):
        if isinstance(outcome, (OSError, *_REDIS_ERRORS)):
            _log.debug("A connection to Redis was not closed properly: %s", type(outcome).__name__)
        elif outcome is not None:
            raise outcome


class _Aborting(AbstractConnection):
    """A connection that drops what it has not sent yet when it is closed.

    asyncio's usual close keeps the socket, and the list that is being sent, until the server has
    taken the rest. A server that does not read any more would never take it.
    """

    async def disconnect(self, *options: Any, **named: Any) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        await super().disconnect(*options, **named)


class PlainConnection(_Aborting, Connection):
    """A connection without TLS."""


def _tls_connections() -> type[SSLConnection]:
    """Return a class of connections that share one TLS context.

    redis-py reads the system's certificates for each connection, which blocks the event loop for
    20 ms: many first requests at once would exceed the timeout.
    """

    class TlsConnection(_Aborting, SSLConnection):
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


def _address_and_sign_in(url: RedisUrl) -> dict[str, Any]:
    """Return redis-py's arguments for the server's address and the sign-in."""
    options: dict[str, Any] = {"host": url.host, "port": url.port}
    if url.entra:
        options["credential_provider"] = RedisIdentity()
    elif url.password is not None:
        options |= {"username": url.user, "password": url.password}
    if url.ca_file:
        options["ssl_ca_certs"] = url.ca_file
    return options
