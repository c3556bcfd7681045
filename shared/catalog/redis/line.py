"""The way to Redis: a client made at first use, a bound on every command, one kind of failure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis import exceptions
from redis.asyncio.connection import AbstractConnection

from shared.catalog.redis.connect import CONNECTIONS, Client, OnConnect, connect
from shared.catalog.store import StoreAway, StoreRefused, Unreadable


class Line:
    """Connections of one kind; commands beyond their number wait their turn."""

    def __init__(
        self, url: str, *, timeout: float, on_connect: OnConnect = AbstractConnection.on_connect
    ) -> None:
        self._url = url
        self._timeout = timeout
        self._on_connect = on_connect
        self._client: Client | None = None
        self._turns = asyncio.Semaphore(CONNECTIONS)

    @asynccontextmanager
    async def client(self, seconds: float) -> AsyncIterator[Client]:
        """The client, for at most `seconds`, waiting included.

        Raises StoreRefused for what the server refused, StoreAway for whatever else goes wrong:
        asyncio itself leaks a TypeError from a connection that was just closed, and redis-py's
        RedisClusterException is no RedisError.
        """
        try:
            async with asyncio.timeout(seconds), self._turns:
                yield await self._ready()
        except Unreadable:
            raise
        except exceptions.ResponseError as error:
            raise StoreRefused(type(error).__name__) from error
        except Exception as error:
            raise StoreAway(type(error).__name__) from error

    async def _ready(self) -> Client:
        """Know a cluster's slots before the first command: guessing breaks under many callers."""
        if self._client is None:
            self._client = connect(self._url, timeout=self._timeout, on_connect=self._on_connect)
        await self._client.initialize()
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
