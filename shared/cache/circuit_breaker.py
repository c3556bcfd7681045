"""The circuit breaker: once the store was found unavailable, no further request waits for it."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from shared.cache.store import (
    ConnectionLost,
    KnownVersion,
    PutResult,
    Store,
    StoredFields,
    StoreRefused,
    StoreUnavailable,
    Surveyed,
)
from shared.repository.versions import Version
from shared.runtime import Runtime
from shared.telemetry import Count

_log = logging.getLogger(__name__)

OPEN_SECONDS: Final = 1.0
"""How long the circuit stays open before the store is tried again, in the background."""

RETRY_SECONDS: Final = 0.03
"""A command whose connection broke within this time is sent once more."""

REFUSED_LOG_SECONDS: Final = 60.0
"""At most one line in this time says that commands are refused; each of them is counted."""


class CircuitBreaker:
    """A Store that raises StoreUnavailable at once while the store behind it is unavailable.

    One failure opens the circuit: reads and writes stay right without the store, so there is no
    reason to let a second caller wait. A connection that broke, for example while it was idle, is
    not a failure yet: the command is sent once more. A command that the store refuses does not
    open the circuit.
    """

    def __init__(self, store: Store, runtime: Runtime) -> None:
        self._store = store
        self._clock = runtime.clock
        self._background = runtime.background
        self._events = runtime.events
        self.changed_at = runtime.clock()
        """When the circuit last opened or closed; at first, when it was made."""
        self._opened_at: float | None = None
        self._probing = False
        self._refusal_logged_at = float("-inf")

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    async def known_version(self, scope: str) -> KnownVersion:
        return await self._call(self._store.known_version, scope)

    async def advance(
        self, scope: str, version: Version, *, owner: str = "", lost: int | None = None
    ) -> None:
        await self._call(self._store.advance, scope, version, owner=owner, lost=lost)

    async def fetch(
        self, scope: str, fields: Sequence[str], *, size: int = 0
    ) -> StoredFields | None:
        return await self._call(self._store.fetch, scope, fields, size=size)

    async def survey(self, scopes: Sequence[str], fields: Sequence[str]) -> Sequence[Surveyed]:
        return await self._call(self._store.survey, scopes, fields)

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> PutResult:
        return await self._call(self._store.put, scope, version, fields, ttl=ttl, renew=renew)

    async def lock(self, scope: str, owner: str, seconds: float) -> bool:
        return await self._call(self._store.lock, scope, owner, seconds)

    async def unlock(self, scope: str, owner: str) -> None:
        await self._call(self._store.unlock, scope, owner)

    async def discard(self, scope: str) -> None:
        await self._call(self._store.discard, scope)

    async def ping(self) -> None:
        await self._call(self._store.ping)

    async def close(self) -> None:
        await self._store.close()

    async def _call[**P, T](
        self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if self._opened_at is not None:
            self._probe_if_due(self._opened_at)
            raise StoreUnavailable("circuit open")
        began = self._clock()
        try:
            try:
                return await call(*args, **kwargs)
            except ConnectionLost:
                if self._clock() - began > RETRY_SECONDS:
                    raise
            return await call(*args, **kwargs)
        except StoreRefused as error:
            self._refused(error)
            raise
        except StoreUnavailable as error:
            self._open(error)
            raise

    def _refused(self, error: StoreRefused) -> None:
        self._events.count(Count.STORE_REFUSED)
        now = self._clock()
        if now - self._refusal_logged_at >= REFUSED_LOG_SECONDS:
            self._refusal_logged_at = now
            _log.warning("Redis refuses a command: %s", error)

    def _open(self, error: StoreUnavailable) -> None:
        now = self._clock()
        if self._opened_at is None:
            self.changed_at = now
            self._events.count(Count.CIRCUIT_OPENED)
            _log.warning("Redis is unavailable: %s", error)
        self._opened_at = now

    def _probe_if_due(self, opened_at: float) -> None:
        if not self._probing and self._clock() - opened_at >= OPEN_SECONDS:
            self._probing = True
            self._background.start(self._probe())

    async def _probe(self) -> None:
        try:
            await self._store.ping()
        except StoreUnavailable as error:
            self._open(error)
        else:
            self._opened_at, self.changed_at = None, self._clock()
            self._events.count(Count.CIRCUIT_CLOSED)
            _log.warning("Redis is available again")
        finally:
            self._probing = False
