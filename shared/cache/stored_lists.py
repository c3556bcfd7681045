"""Stored lists: turns the fields of a Redis hash into lists, and back."""

from collections.abc import Callable

from shared.cache.cached_list import CachedList, ListKey
from shared.cache.list_format import ListFormat
from shared.cache.memory import MemoryCopies
from shared.cache.required_version import RollbackDetector
from shared.cache.store import PutResult, Store, StoredFields, Unreadable
from shared.repository.versions import Version
from shared.runtime import Runtime
from shared.telemetry import Count

type Allows = Callable[[Version], bool]
"""Whether a list of this version may be served."""


class StoredLists:
    """Reads and writes stored lists. A list that is read with its body is kept in memory.

    Every method may raise StoreUnavailable.
    """

    def __init__(
        self,
        store: Store,
        memory: MemoryCopies,
        rollbacks: RollbackDetector,
        list_format: ListFormat,
        *,
        ttl: float,
        runtime: Runtime,
    ) -> None:
        self._store = store
        self._memory = memory
        self._rollbacks = rollbacks
        self._format = list_format
        self._ttl = ttl
        self._clock = runtime.clock
        self._workers = runtime.workers
        self._events = runtime.events

    async def read(self, key: ListKey, allows: Allows) -> CachedList | None:
        """Return the stored list if its version is allowed, else None.

        Its head is read first, so that no body is transferred that cannot be served.
        """
        scope, view = key
        head_field = self._format.head_field(view)
        try:
            stored = await self._fetch(scope, [head_field], allows)
            head = stored and self._format.decode_head(view, stored.fields)
            if not head:
                return None
            fields = [head_field, *self._format.body_fields(view)]
            stored = await self._fetch(scope, fields, allows, size=head.packed)
            return None if stored is None else await self._keep(key, stored)
        except Unreadable:
            self._events.count(Count.LIST_UNREADABLE)
            await self._store.discard(scope)
            return None

    async def head(self, key: ListKey, allows: Allows) -> CachedList | None:
        """Return the stored list without its body, if its version is allowed: one small read."""
        scope, view = key
        try:
            stored = await self._fetch(scope, [self._format.head_field(view)], allows)
            head = stored and self._format.decode_head(view, stored.fields)
        except Unreadable:
            return None
        if stored is None or not head:
            return None
        expires_at = self._expiry(stored)
        return CachedList(
            stored.version,
            head.digests,
            expires_at - self._ttl,
            expires_at,
            length=head.length,
            packed=head.packed,
        )

    async def save(self, key: ListKey, cached: CachedList, *, renew: bool) -> PutResult:
        """Store a list that has a body; `renew` restarts the TTL though the version is the same."""
        scope, view = key
        if cached.body is None:
            raise ValueError("a list without a body cannot be stored")
        fields = await self._workers.run(self._format.encode, view, cached.body)
        return await self._store.put(scope, cached.version, fields, ttl=self._ttl, renew=renew)

    async def _fetch(
        self, scope: str, fields: list[str], allows: Allows, *, size: int = 0
    ) -> StoredFields | None:
        stored = await self._store.fetch(scope, fields, size=size)
        if stored is not None:
            # Also of a list without the wanted view: after a rollback it would stay in the way.
            self._rollbacks.saw(scope, stored.version)
        return stored if stored is not None and allows(stored.version) else None

    async def _keep(self, key: ListKey, stored: StoredFields) -> CachedList | None:
        body = await self._workers.run(self._format.decode, key[1], stored.fields)
        if body is None:
            return None
        expires_at = self._expiry(stored)
        cached = CachedList(stored.version, body.digests, expires_at - self._ttl, expires_at, body)
        self._memory.put(key, cached)
        return cached

    def _expiry(self, stored: StoredFields) -> float:
        return self._clock() + min(stored.remaining, self._ttl)
