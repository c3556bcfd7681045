"""The read path: which list may be served to a read, and from where.

A list that is served holds every record that was acknowledged before the read began, unless it is
marked stale (docs/protocol.md, rules 17 to 28 and 32).
"""

from contextlib import suppress
from dataclasses import replace
from typing import Final

from shared.cache.cached_list import CachedList, ListKey, Outcome, Served, Unless, never
from shared.cache.fills import Fills
from shared.cache.lease import Lease, Leases, ScopeGone
from shared.cache.memory import MemoryCopies
from shared.cache.required_version import RequiredVersion, RequiredVersions, RollbackDetector
from shared.cache.single_flight import ANY_TIME, NextRun
from shared.cache.store import StoreUnavailable
from shared.cache.stored_lists import Allows, StoredLists
from shared.cache.unknown_genres import UnknownGenres
from shared.errors import DatabaseUnavailable
from shared.runtime import Runtime
from shared.telemetry import Count
from shared.tracks.genres import ALL, LISTS, fold, may_be_spelling
from shared.tracks.track import View

_EMPTY: Final = b"[]"
_HITS: Final = (Outcome.MEMORY, Outcome.REDIS)
_FILLS: Final = (Outcome.FILLED, Outcome.COLLAPSED)


class CacheReader:
    """Reads lists through the cache. Every method may raise DatabaseUnavailable."""

    def __init__(
        self,
        *,
        leases: Leases,
        required: RequiredVersions,
        memory: MemoryCopies,
        stored_lists: StoredLists,
        fills: Fills,
        rollbacks: RollbackDetector,
        stale_if_error: float,
        runtime: Runtime,
    ) -> None:
        self._leases = leases
        self._required = required
        self._memory = memory
        self._stored_lists = stored_lists
        self._fills = fills
        self._rollbacks = rollbacks
        self._stale_if_error = stale_if_error
        self._workers = runtime.workers
        self._clock = runtime.clock
        self._events = runtime.events
        self._unknown = UnknownGenres(leases, runtime.clock)
        self._inflations: NextRun[CachedList, bytes] = NextRun(self._inflate, runtime)

    async def all(self, view: View, unless: Unless = never) -> Served:
        """Return the first FEATURES_LIMIT records; without a body if `unless(digests)` is true."""
        return await self._read((ALL, view), self._clock(), unless)

    async def genre(self, name: str, view: View, unless: Unless = never) -> Served:
        """Return the list of a genre in any spelling; Outcome.UNKNOWN for an unknown genre."""
        began = self._clock()
        scope = await self._scope(name, began)
        if scope is None:
            return Served(Outcome.UNKNOWN)
        return await self._read((scope, view), began, unless)

    async def rebuild(self, scope: str) -> None:
        """Read the scope's list (core view), so that the next reader finds it in the cache."""
        await self._read((scope, View.CORE), self._clock(), never)

    async def uncompressed(self, served: Served, view: View) -> bytes:
        """Return the list's uncompressed bytes and keep them with the memory copy.

        `[]` where there is no list.
        """
        cached = served.cached
        if cached is None:
            return _EMPTY
        if cached.uncompressed is None:
            data = await self._inflations.ask(cached, after=ANY_TIME)
            self._memory.keep_uncompressed((served.scope, view), cached, data)
            return data
        return cached.uncompressed

    async def scope(self, name: str) -> str | None:
        """Return the stored spelling of a genre or of a list such as `all`; None if unknown."""
        began = self._clock()
        if may_be_spelling(name) and fold(name) in LISTS:
            return fold(name)
        return await self._scope(name, began)

    async def _scope(self, name: str, began: float) -> str | None:
        if not may_be_spelling(name):
            return None
        try:
            scope = (await self._leases.valid_for(began)).scope_of(name)
            return scope or (await self._unknown.lease(began)).scope_of(name)
        except DatabaseUnavailable as error:
            scope = self._last_lease(error).scope_of(name)
            if scope is None:
                raise
            return scope

    async def _read(self, key: ListKey, began: float, unless: Unless) -> Served:
        try:
            return await self._current(key, began, unless)
        except ScopeGone:
            return Served(Outcome.UNKNOWN)
        except DatabaseUnavailable as error:
            return await self._stale(key, error)

    async def _current(self, key: ListKey, began: float, unless: Unless) -> Served:
        """Return the memory copy if it is new enough, else ask `fills`, which looks in Redis first.

        Rules 19 to 21. A caller who needs no body gets the head of the stored list.
        """
        required = await self._required.for_read(key[0], began)
        cached = self._memory.get(key)
        if cached is not None and required.allows(cached.version):
            return self._served(Outcome.MEMORY, key, cached)
        if unless is not never:
            head = await self._head(key, required)
            if head is not None and unless(head.digests):
                return self._served(Outcome.REDIS, key, head)
        cached, outcome = await self._fills.fill(key, required)
        return self._served(outcome, key, cached)

    async def _head(self, key: ListKey, required: RequiredVersion) -> CachedList | None:
        """Return the stored list's head if its version is allowed, for an answer without a body."""
        if not required.exact:
            with suppress(StoreUnavailable):
                return await self._stored_lists.head(key, required.allows)
        return None

    async def _stale(self, key: ListKey, error: DatabaseUnavailable) -> Served:
        """Return the newest list there is, marked stale, for as long as the setting allows.

        It is of the database that answered last, and not one that this database has lost. Raises
        `error` where there is none (rule 26).
        """
        lease = self._last_lease(error)
        with suppress(StoreUnavailable, ScopeGone):
            await self._rollbacks.detect(key[0], lease.version_of(key[0]), lease.began)
        cached = self._memory.even_if_expired(key)
        if cached is not None and cached.version.epoch != lease.versions.epoch:
            cached = None
        with suppress(StoreUnavailable):
            allows = _newer_than(cached, lease.versions.epoch)
            cached = await self._stored_lists.read(key, allows) or cached
        if cached is None:
            raise error
        since = self._clock() - lease.began  # SQL answered last so many seconds ago
        return replace(self._served(Outcome.STALE, key, cached), remaining=-since)

    def _last_lease(self, error: DatabaseUnavailable) -> Lease:
        """Return the last lease. Raises `error` if it is too old for stale answers."""
        lease = self._leases.last
        if lease is None or self._clock() - lease.began > self._stale_if_error:
            raise error
        return lease

    def _served(self, outcome: Outcome, key: ListKey, cached: CachedList) -> Served:
        """Count the read and return its answer; refresh a list that soon expires (rule 25)."""
        self._events.count(Count.READ, outcome=outcome)
        now = self._clock()
        age, remaining = max(0.0, now - cached.filled_at), max(0.0, cached.expires_at - now)
        if outcome in _HITS and remaining <= self._fills.refresh_ahead_seconds:
            self._fills.refresh(key, cached)
        stored = outcome in _FILLS and self._memory.even_if_expired(key) is cached
        return Served(outcome, key[0], cached, cached.digests, age, remaining, stored)

    async def _inflate(self, cached: CachedList) -> bytes:
        return await self._workers.run(_uncompress, cached)


def _uncompress(cached: CachedList) -> bytes:
    return _EMPTY if cached.body is None else cached.body.uncompressed()


def _newer_than(cached: CachedList | None, epoch: str) -> Allows:
    """Allow versions of this epoch that are newer than the list, where there is one."""
    number = -1 if cached is None else cached.version.number
    return lambda version: version.epoch == epoch and version.number > number
