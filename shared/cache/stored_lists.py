"""Lists in the shared store: bytes on one side, entries on the other."""

from collections.abc import Callable

from shared.cache.list_format import ListFormat
from shared.cache.memory import Entry, ListKey, MemoryCopies
from shared.cache.rollbacks import Restores
from shared.cache.served import Known
from shared.cache.store import Copy, Store, Stored, Unreadable
from shared.repository.versions import Version
from shared.runtime import Clock, Workers
from shared.telemetry import Count, Events

type Accepts = Callable[[Version], bool]
"""Whether a list of this version may be served to the one who asks."""


def anything(_: Version) -> bool:
    """For an answer that is marked stale."""
    return True


class SharedCopies:
    """Reads and writes whole representations of K; what is read is kept in memory.

    Raises StoreUnavailable as the store does.
    """

    def __init__(
        self,
        store: Store,
        memory: MemoryCopies,
        restores: Restores,
        form: ListFormat,
        *,
        ttl: float,
        clock: Clock,
        workers: Workers,
        events: Events,
    ) -> None:
        self._store = store
        self._memory = memory
        self._restores = restores
        self._format = form
        self._ttl = ttl
        self._clock = clock
        self._workers = workers
        self._events = events

    async def read(self, key: ListKey, accepts: Accepts) -> Entry | None:
        """The stored list, if it is accepted. Its head is read first: no body travels in vain."""
        scope, view = key
        head_field = self._format.head_field(view)
        try:
            copy = await self._fetch(scope, [head_field], accepts)
            head = copy and self._format.decode_head(view, copy.fields)
            if not head:
                return None
            fields = [head_field, *self._format.body_fields(view)]
            copy = await self._fetch(scope, fields, accepts, size=head.packed)
            return None if copy is None else await self._keep(key, copy)
        except Unreadable:
            self._events.count(Count.LIST_UNREADABLE)
            await self._store.discard(scope)
            return None

    async def known(self, key: ListKey, accepts: Accepts) -> Known | None:
        """What the store tells of the list without its body, if it is accepted: a small read."""
        scope, view = key
        try:
            copy = await self._fetch(scope, [self._format.head_field(view)], accepts)
            head = copy and self._format.decode_head(view, copy.fields)
        except Unreadable:
            return None
        if copy is None or not head:
            return None
        self._restores.learn(scope, copy.version)
        expires_at = self._expiry(copy)
        return Known(copy.version, head.digest, expires_at - self._ttl, expires_at)

    async def save(self, key: ListKey, entry: Entry, *, renew: bool) -> Stored:
        scope, view = key
        fields = await self._workers.run(self._format.encode, view, entry.body)
        return await self._store.put(scope, entry.version, fields, ttl=self._ttl, renew=renew)

    async def _fetch(
        self, scope: str, fields: list[str], accepts: Accepts, *, size: int = 0
    ) -> Copy | None:
        copy = await self._store.fetch(scope, fields, size=size)
        return copy if copy is not None and accepts(copy.version) else None

    async def _keep(self, key: ListKey, copy: Copy) -> Entry | None:
        body = await self._workers.run(self._format.decode, key[1], copy.fields)
        if body is None:
            return None
        expires_at = self._expiry(copy)
        entry = Entry(copy.version, body, expires_at - self._ttl, expires_at)
        self._restores.learn(key[0], copy.version)
        self._memory.put(key, entry)
        return entry

    def _expiry(self, copy: Copy) -> float:
        return self._clock() + min(copy.remaining, self._ttl)
