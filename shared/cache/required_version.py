"""Which version a list must have to be served to a read: the greater of known version and lease.

The known version is in Redis, where every writer raises it. The lease is what a poll of SQL read.
The lease shows writes that could not be pushed to Redis; the known version shows writes that are
newer than the lease (docs/protocol.md, rules 10, 17, 18, 27 and 32).
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from shared.cache.lease import Lease, Leases
from shared.cache.memory import MemoryCopies
from shared.cache.single_flight import NextRun
from shared.cache.store import KnownVersion, NoStore, Store, StoreUnavailable
from shared.errors import DatabaseUnavailable
from shared.repository.versions import Version
from shared.runtime import Runtime
from shared.telemetry import Count

FILL_LOCK_SECONDS: Final = 5.0
"""The fill lock expires after this time, so that an owner that died delays others no longer."""


@dataclass(frozen=True, slots=True)
class RequiredVersion:
    """What one read requires of a list: this version or a newer one, or exactly this one."""

    version: Version
    exact: bool = False

    def allows(self, version: Version) -> bool:
        """Whether a list of this version may be served to the read."""
        return version == self.version if self.exact else version.satisfies(self.version)


class FillLock:
    """The fill lock of a scope, for one owner."""

    def __init__(self, store: Store, scope: str) -> None:
        self._store = store
        self._scope = scope
        self.owner = secrets.token_hex(16)

    async def take(self) -> bool:
        """Take the lock if it is free. Raises StoreUnavailable."""
        return await self._store.lock(self._scope, self.owner, FILL_LOCK_SECONDS)

    async def free(self) -> None:
        """Free the lock if it is ours. If that fails, it expires."""
        with suppress(StoreUnavailable):
            await self._store.unlock(self._scope, self.owner)


class RollbackDetector:
    """Detects that SQL went back to an older state, and drops what it lost (rule 10).

    Versions in SQL only grow. So a version that is smaller than one seen before the query began,
    in the same epoch, proves that the database was restored. Without this, lists of lost records
    would live until their TTL ends, because a hit does not query SQL.
    """

    def __init__(self, memory: MemoryCopies, store: Store, runtime: Runtime) -> None:
        self._memory = memory
        self._store = store
        self._clock = runtime.clock
        self._events = runtime.events
        self._greatest: dict[str, tuple[Version, float]] = {}

    def saw(self, scope: str, version: Version) -> None:
        """Remember the greatest version, and when it was first seen; a new epoch replaces it."""
        known = self._greatest.get(scope)
        if known is None or not known[0].satisfies(version):
            self._greatest[scope] = (version, self._clock())

    async def detect(
        self,
        scope: str,
        version: Version,
        began: float,
        *,
        owner: str = "",
        before: Version | None = None,
    ) -> bool:
        """Whether `version`, read in SQL by a query that began at `began`, proves a rollback.

        `before` is one more version that was seen before that. If there was a rollback, memory
        copies, known version and stored list of the lost versions are dropped. Raises
        StoreUnavailable when the store could not be changed; the next read tries again.
        """
        greatest, seen_at = self._greatest.get(scope, (version, began))
        seen = [greatest] if seen_at < began else []
        seen += [] if before is None else [before]
        lost = max((one.number for one in seen if one.epoch == version.epoch), default=0)
        if lost <= version.number:
            self.saw(scope, version)
            return False
        self._events.count(Count.ROLLBACK_DETECTED)
        self._memory.drop(scope, lambda copy: _is_between(version, copy, lost))
        if not isinstance(self._store, NoStore):
            await self._store.advance(scope, version, owner=owner, lost=lost)
        if self._greatest.get(scope) == (greatest, seen_at) and seen_at < began:
            self._greatest[scope] = (version, self._clock())
        return True


def _is_between(version: Version, copy: Version, lost: int) -> bool:
    return copy.epoch == version.epoch and version.number < copy.number <= lost


class RequiredVersions:
    """Finds the required version of each read. Raises DatabaseUnavailable and ScopeGone."""

    def __init__(
        self, leases: Leases, store: Store, rollbacks: RollbackDetector, runtime: Runtime
    ) -> None:
        self._leases = leases
        self._store = store
        self._rollbacks = rollbacks
        self._clock = runtime.clock
        self._events = runtime.events
        self._known: NextRun[str, KnownVersion] = NextRun(store.known_version, runtime)

    async def for_read(self, scope: str, began: float) -> RequiredVersion:
        """Return what a read of the scope requires, if it began at `began`."""
        if not isinstance(self._store, NoStore):
            try:
                return RequiredVersion(await self._greater_of_both(scope, began))
            except StoreUnavailable:
                self._events.count(Count.STORE_BYPASSED)
        return await self._exactly_in_sql(scope, began)

    async def _greater_of_both(self, scope: str, began: float) -> Version:
        """Return the greater of known version and lease (rule 17). Raises StoreUnavailable."""
        lease = await self._leases.valid_for(began)
        known = await self._known.ask(scope)
        if lease.began <= known.connected_at:
            # While we were disconnected the store may have lost what was pushed to it (rule 7).
            lease = await self._leases.after(known.connected_at)
        newest = known.version
        read_at = self._clock()
        if newest is not None and self._is_ahead(scope, newest, lease):
            # A new write, or SQL went back: a poll that begins now tells which (rule 32).
            self._rollbacks.saw(scope, newest)
            with suppress(DatabaseUnavailable):
                lease = await self._leases.after(read_at)
        if newest is None or newest.epoch != lease.versions.epoch:
            return await self._create(scope)
        in_sql = lease.version_of(scope)
        self._rollbacks.saw(scope, newest)
        before = newest if lease.began > read_at else None
        if await self._rollbacks.detect(scope, in_sql, lease.began, before=before):
            return in_sql
        if in_sql.number > newest.number:
            await self._store.advance(scope, in_sql)
            return in_sql
        return newest

    def _is_ahead(self, scope: str, known: Version, lease: Lease) -> bool:
        in_sql = lease.versions.of(scope)
        return in_sql is not None and known.satisfies(in_sql) and known != in_sql

    async def _exactly_in_sql(self, scope: str, began: float) -> RequiredVersion:
        """Without the store: exactly what a query reads that began after the read (rule 27)."""
        lease = await self._leases.after(began)
        in_sql = lease.version_of(scope)
        with suppress(StoreUnavailable):
            await self._rollbacks.detect(scope, in_sql, lease.began)
        return RequiredVersion(in_sql, exact=True)

    async def _create(self, scope: str) -> Version:
        """Create a missing known version if the lock is free; return SQL's version (rule 18)."""
        lock = FillLock(self._store, scope)
        if not await lock.take():
            return await self.create_as(scope, None)
        try:
            return await self.create_as(scope, lock.owner)
        finally:
            await lock.free()

    async def create_as(self, scope: str, owner: str | None) -> Version:
        """Read the scope's version in SQL and return it; the fill lock's owner also pushes it.

        The lock is taken first and SQL queried after: a known version that was created from an
        older number could let an old list pass for a new one. Raises StoreUnavailable too.
        """
        lease = await self._leases.after(self._clock())
        in_sql = lease.version_of(scope)
        await self._rollbacks.detect(scope, in_sql, lease.began, owner=owner or "")
        if owner is not None:
            await self._store.advance(scope, in_sql, owner=owner)
        return in_sql
