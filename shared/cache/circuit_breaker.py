"""The circuit breaker: a store that is away costs one caller a short wait, the others none."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from shared.cache.store import (
    ConnectionLost,
    Copy,
    Generation,
    Store,
    Stored,
    StoreRefused,
    StoreUnavailable,
)
from shared.repository.versions import Version
from shared.runtime import Background, Clock
from shared.telemetry import Count, Events

_log = logging.getLogger(__name__)

OPEN_SECONDS: Final = 1.0
"""How long the circuit stays open before the store is tried again, beside the requests."""

RETRY_SECONDS: Final = 0.03
"""A connection that breaks within this time leaves time for another one."""


class CircuitBreaker:
    """A Store that answers StoreUnavailable at once while the store behind it is known to be away.

    One failure opens it: reads and writes stay right without the store, so nothing is gained by
    trying the patience of a second caller. A connection that broke, say while it was idle, is
    no failure yet: the command is sent once more. A refused command is an answer and opens nothing.
    """

    def __init__(
        self, store: Store, *, clock: Clock, background: Background, events: Events
    ) -> None:
        self._store = store
        self._clock = clock
        self._background = background
        self._events = events
        self._opened_at: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    async def newest(self, scope: str) -> Generation:
        return await self._through(self._store.newest, scope)

    async def advance(
        self, scope: str, version: Version, *, token: str = "", void: int | None = None
    ) -> None:
        await self._through(self._store.advance, scope, version, token=token, void=void)

    async def fetch(self, scope: str, fields: Sequence[str], *, size: int = 0) -> Copy | None:
        return await self._through(self._store.fetch, scope, fields, size=size)

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> Stored:
        return await self._through(self._store.put, scope, version, fields, ttl=ttl, renew=renew)

    async def lock(self, scope: str, token: str, seconds: float) -> bool:
        return await self._through(self._store.lock, scope, token, seconds)

    async def unlock(self, scope: str, token: str) -> None:
        await self._through(self._store.unlock, scope, token)

    async def discard(self, scope: str) -> None:
        await self._through(self._store.discard, scope)

    async def ping(self) -> None:
        await self._through(self._store.ping)

    async def close(self) -> None:
        await self._store.close()

    async def _through[**P, T](
        self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if self._opened_at is not None:
            self._probe_in_time(self._opened_at)
            raise StoreUnavailable("circuit open")
        try:
            return await self._tried(call, *args, **kwargs)
        except StoreRefused:
            self._events.count(Count.STORE_REFUSED)
            raise
        except StoreUnavailable as fault:
            self._open(fault)
            raise

    async def _tried[**P, T](
        self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        began = self._clock()
        try:
            return await call(*args, **kwargs)
        except ConnectionLost:
            if self._clock() - began > RETRY_SECONDS:
                raise
        return await call(*args, **kwargs)

    def _open(self, fault: StoreUnavailable) -> None:
        if self._opened_at is None:
            self._events.count(Count.CIRCUIT_OPENED)
            _log.warning("the shared store is away: %s", fault)
        self._opened_at = self._clock()

    def _probe_in_time(self, opened_at: float) -> None:
        if not self._probing and self._clock() - opened_at >= OPEN_SECONDS:
            self._probing = True
            self._background.start(self._probe())

    async def _probe(self) -> None:
        try:
            await self._store.ping()
        except StoreUnavailable as fault:
            self._open(fault)
        else:
            self._opened_at = None
            self._events.count(Count.CIRCUIT_CLOSED)
            _log.warning("the shared store is back")
        finally:
            self._probing = False
