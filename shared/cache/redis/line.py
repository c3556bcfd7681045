"""The way to Redis: a client made at first use, a bound on every command, one kind of failure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis import exceptions
from redis.asyncio.connection import AbstractConnection

from shared.cache.redis.client import CONNECTIONS, Client, Connector, OnConnect, close
from shared.cache.store import ConnectionLost, StoreRefused, StoreUnavailable, Unreadable
from shared.runtime import Background


@dataclass(slots=True)
class _Shared:
    """A client, and how many commands use it."""

    client: Client
    users: int = 0


class Line:
    """Connections of one kind; commands beyond their number wait their turn.

    A client that failed is given up with all its connections: where one of them died in silence,
    say behind a firewall that forgot it, each of the others would cost its user the whole bound.
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
        self._current: _Shared | None = None
        self._turns = asyncio.Semaphore(CONNECTIONS)

    @asynccontextmanager
    async def client(self, seconds: float) -> AsyncIterator[Client]:
        """The client, for at most `seconds`, waiting included.

        Raises StoreRefused for what the server refused, ConnectionLost, and StoreUnavailable for
        whatever else goes wrong: asyncio itself leaks a TypeError from a connection that was just
        closed, and redis-py's RedisClusterException is no RedisError.
        """
        shared = self._join()
        try:
            async with asyncio.timeout(seconds), self._turns:
                # Know a cluster's slots before the first command: to guess them breaks under many.
                await shared.client.initialize()
                yield shared.client
        except Unreadable:
            raise
        except exceptions.ResponseError as error:
            if isinstance(error, exceptions.ReadOnlyError):
                # A primary that is none any more: a new connection may lead to the one that is.
                self._give_up(shared)
            raise StoreRefused(type(error).__name__) from error
        except Exception as error:
            self._give_up(shared)
            lost = isinstance(error, exceptions.ConnectionError | ConnectionError)
            raise (ConnectionLost if lost else StoreUnavailable)(type(error).__name__) from error
        finally:
            self._leave(shared)

    def _join(self) -> _Shared:
        if self._current is None:
            self._current = _Shared(self._connector.connect())
        self._current.users += 1
        return self._current

    def _give_up(self, shared: _Shared) -> None:
        if self._current is shared:
            self._current = None

    def _leave(self, shared: _Shared) -> None:
        shared.users -= 1
        if shared.users == 0 and self._current is not shared:
            self._background.start(close(shared.client))

    async def close(self) -> None:
        if self._current is not None:
            await close(self._current.client)
