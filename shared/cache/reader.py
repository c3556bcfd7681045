"""The read policy: which list may be served, from where, and what fails open.

A list that is served never lacks a record whose creation was acknowledged before the read began.
"""

from contextlib import suppress
from dataclasses import replace

from shared.cache.fills import Fills
from shared.cache.inflater import Inflater
from shared.cache.lease import Freshness, Lease
from shared.cache.memory import Entry, ListKey, MemoryCopies
from shared.cache.required_version import Needs, ScopeGone, version_in
from shared.cache.rollbacks import Restores
from shared.cache.served import Known, Outcome, Served, Unless, never
from shared.cache.store import StoreUnavailable
from shared.cache.stored_lists import SharedCopies, anything
from shared.cache.unknown_genres import UnknownGenres
from shared.errors import DatabaseUnavailable
from shared.repository.versions import ALL
from shared.runtime import Clock, Workers
from shared.telemetry import Count, Events
from shared.tracks.genres import fold
from shared.tracks.track import View


class Lists:
    """Serves lists. `needs` and `copies` are None where the environment has no shared store."""

    def __init__(
        self,
        *,
        freshness: Freshness,
        memory: MemoryCopies,
        restores: Restores,
        fills: Fills,
        needs: Needs | None,
        copies: SharedCopies | None,
        workers: Workers,
        stale_if_error: float,
        clock: Clock,
        events: Events,
    ) -> None:
        self._freshness = freshness
        self._memory = memory
        self._restores = restores
        self._fills = fills
        self._needs = needs
        self._copies = copies
        self._unknown = UnknownGenres(freshness, clock)
        self._inflater = Inflater(memory, workers)
        self._stale_if_error = stale_if_error
        self._clock = clock
        self._events = events

    async def all(self, view: View, unless: Unless = never) -> Served:
        """The list of the first FEATURES_LIMIT records; no body that `unless` says is not needed.

        Raises DatabaseUnavailable.
        """
        return await self._read((ALL, view), self._clock(), unless)

    async def genre(self, name: str, view: View, unless: Unless = never) -> Served:
        """The list of a genre under any of its spellings; of an unknown one, no list.

        Raises DatabaseUnavailable.
        """
        began = self._clock()
        scope = await self._scope(name, began)
        if scope is None:
            return Served(Outcome.UNKNOWN)
        return await self._read((scope, view), began, unless)

    async def rebuild(self, scope: str) -> None:
        """Have the scope's list ready for its next reader. Raises DatabaseUnavailable."""
        await self._read((scope, View.CORE), self._clock(), never)

    async def identity(self, served: Served, view: View) -> bytes:
        """The list's bytes for one who accepts no compression; kept beside the memory copy."""
        return await self._inflater.identity((served.scope, view), served.entry)

    async def scope(self, name: str) -> str | None:
        """The stored spelling of a genre, `all` for itself, None for an unknown one."""
        return ALL if name == ALL else await self._scope(name, self._clock())

    async def _scope(self, name: str, began: float) -> str | None:
        folded = fold(name)
        try:
            lease = await self._freshness.serving(began)
            if folded not in lease.genres:
                lease = await self._unknown.lease(began)
        except DatabaseUnavailable as away:
            lease = self._last_good(away)
            if folded not in lease.genres:
                raise
        return lease.genres.get(folded)

    async def _read(self, key: ListKey, began: float, unless: Unless) -> Served:
        try:
            return await self._fresh(key, began, unless)
        except ScopeGone:
            return Served(Outcome.UNKNOWN)
        except DatabaseUnavailable as away:
            return await self._stale(key, away)

    async def _fresh(self, key: ListKey, began: float, unless: Unless) -> Served:
        if self._needs is not None and self._copies is not None:
            try:
                return await self._versioned(key, began, unless, self._needs, self._copies)
            except StoreUnavailable:
                self._events.count(Count.STORE_BYPASSED)
        return await self._validated(key, began)

    async def _versioned(
        self, key: ListKey, began: float, unless: Unless, needs: Needs, copies: SharedCopies
    ) -> Served:
        """Whatever is not older than the newest version that G and the lease know of."""
        need = await needs.of(key[0], began)
        entry = self._memory.get(key)
        if entry is not None and entry.version.satisfies(need):
            return self._hit(Outcome.MEMORY, key, entry)
        if unless is not never:
            known = await copies.known(key, lambda version: version.satisfies(need))
            if known is not None and unless(known.digest):
                return self._hit(Outcome.REDIS, key, known)
        return self._found(
            key, *await self._fills.fill(key, lambda version: version.satisfies(need))
        )

    async def _validated(self, key: ListKey, began: float) -> Served:
        """Without a store: exactly what SQL says now, by a query that began after the read."""
        lease = await self._freshness.after(began)
        need = version_in(lease, key[0])
        with suppress(StoreUnavailable):
            await self._restores.check(key[0], need, lease.began)
        entry = self._memory.get(key)
        if entry is not None and entry.version == need:
            return self._hit(Outcome.MEMORY, key, entry)
        return self._found(key, *await self._fills.fill_alone(key, lambda version: version == need))

    async def _stale(self, key: ListKey, away: DatabaseUnavailable) -> Served:
        """The last good list, marked, for as long as the setting allows."""
        lease = self._last_good(away)
        entry = self._memory.last(key)
        if entry is None and self._copies is not None:
            with suppress(StoreUnavailable):
                entry = await self._copies.read(key, anything)
        if entry is None:
            raise away
        since = self._clock() - lease.began
        return replace(self._served(Outcome.STALE, key, entry), remaining=-since)

    def _last_good(self, away: DatabaseUnavailable) -> Lease:
        lease = self._freshness.last
        if lease is None or self._clock() - lease.began > self._stale_if_error:
            raise away
        return lease

    def _hit(self, outcome: Outcome, key: ListKey, entry: Entry | Known) -> Served:
        self._fills.renew_in_time(key, entry)
        return self._served(outcome, key, entry)

    def _found(self, key: ListKey, entry: Entry, outcome: Outcome) -> Served:
        if outcome is Outcome.REDIS:
            return self._hit(outcome, key, entry)
        served = self._served(outcome, key, entry)
        return replace(served, stored=self._memory.last(key) is entry)

    def _served(self, outcome: Outcome, key: ListKey, entry: Entry | Known) -> Served:
        self._events.count(Count.READ, outcome=outcome)
        now = self._clock()
        age, remaining = max(0.0, now - entry.filled_at), max(0.0, entry.expires_at - now)
        body = entry if isinstance(entry, Entry) else None
        return Served(outcome, key[0], body, entry.digest, age, remaining)
