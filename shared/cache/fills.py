"""Filling a list: one fill at a time in this process and, with Redis, over all instances.

The store may fail at any step; then the list is filled and served all the same.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from shared.cache.bodies import ListBody, builder
from shared.cache.cached_list import CachedList, Found, ListKey, Outcome
from shared.cache.lease import Leases, ScopeGone
from shared.cache.memory import MemoryCopies
from shared.cache.required_version import (
    FILL_LOCK_SECONDS,
    FillLock,
    RequiredVersion,
    RequiredVersions,
    RollbackDetector,
)
from shared.cache.single_flight import Flight, SingleFlight
from shared.cache.store import PutResult, Store, StoreUnavailable
from shared.cache.stored_lists import StoredLists
from shared.errors import DatabaseUnavailable
from shared.repository.database import Database
from shared.runtime import Runtime
from shared.telemetry import Count, Measure, Span

LOOK_PAUSE: Final = 0.05
"""Seconds between two looks for the list that another instance is filling."""

REFRESH_FRACTION: Final = 0.1
"""The last part of a list's life, as a fraction: a read in it refreshes the list."""


class Loader:
    """Reads a list from SQL, serialises it, and keeps it in memory."""

    def __init__(
        self,
        database: Database,
        memory: MemoryCopies,
        rollbacks: RollbackDetector,
        *,
        ttl: float,
        runtime: Runtime,
    ) -> None:
        self._database = database
        self._memory = memory
        self._rollbacks = rollbacks
        self._ttl = ttl
        self._clock = runtime.clock
        self._events = runtime.events

    async def load(self, key: ListKey, flight: Flight) -> CachedList:
        """Return the list as SQL has it now. Raises DatabaseUnavailable, ScopeGone."""
        stages = defaultdict[str, float](float)

        def spent(stage: str, seconds: float) -> None:
            stages[stage] += seconds

        with self._events.span(Span.FILL, scope=key[0], view=key[1]):
            cached, body = await self._query(key, flight, spent)
        self._report(body, stages)
        self._memory.put(key, cached)
        return cached

    async def _query(
        self, key: ListKey, flight: Flight, spent: Callable[[str, float], None]
    ) -> tuple[CachedList, ListBody]:
        """Read version and rows in one snapshot (rule 22)."""
        scope, view = key
        began = self._clock()
        self._events.count(Count.FILL)
        async with self._database.snapshot(scope, view) as snapshot:
            version = snapshot.version
            flight.set_version(version, began)
            if version is None:
                raise ScopeGone(scope)
            spent("query", self._clock() - began)
            body = await snapshot.read(builder(view, spent))
        with suppress(StoreUnavailable):
            await self._rollbacks.detect(scope, version, began)
        return CachedList(version, body.digests, began, began + self._ttl, body), body

    def _report(self, body: ListBody, stages: Mapping[str, float]) -> None:
        for stage, seconds in stages.items():
            self._events.measure(Measure.FILL_SECONDS, seconds, stage=stage)
        self._events.measure(Measure.FILL_BYTES, body.length, coding="identity")
        self._events.measure(Measure.FILL_BYTES, len(body.gzip), coding="gzip")


class Fills:
    """Fills lists, one fill of a list at a time. Raises DatabaseUnavailable, ScopeGone."""

    def __init__(
        self,
        loader: Loader,
        leases: Leases,
        required: RequiredVersions,
        store: Store,
        stored_lists: StoredLists,
        *,
        ttl: float,
        runtime: Runtime,
    ) -> None:
        self._loader = loader
        self._leases = leases
        self._required = required
        self._store = store
        self._stored_lists = stored_lists
        self.refresh_ahead_seconds = ttl * REFRESH_FRACTION
        self._clock = runtime.clock
        self._background = runtime.background
        self._events = runtime.events
        self._flights: SingleFlight[ListKey, Found] = SingleFlight(runtime, self._check_sql)

    async def fill(self, key: ListKey, required: RequiredVersion) -> Found:
        """Return a list that `required` allows, or one from an SQL query that begins after now.

        A running fill of this process is joined if its version is allowed (rule 20). If it fails,
        perhaps because it hung since a fault that is over, another one is shared. With Redis, the
        stored list is looked for first, and all instances share one fill (rule 21).
        """

        async def load(flight: Flight) -> Found:
            if required.exact:
                return await self._loader.load(key, flight), Outcome.FILLED
            return await self._fill(key, required, flight)

        (cached, outcome), joined = await self._flights.join(key, required.allows, load)
        if joined and outcome is Outcome.FILLED:
            outcome = Outcome.COLLAPSED
        return cached, outcome

    async def _check_sql(self, error: Exception, asked_at: float) -> None:
        """Raise `error`, unless it says that SQL is unavailable and SQL has answered since."""
        if not isinstance(error, DatabaseUnavailable):
            raise error
        await self._leases.after(asked_at)

    def refresh(self, key: ListKey, cached: CachedList) -> None:
        """Refresh in the background a list that soon expires (rule 25)."""

        async def load(flight: Flight) -> Found:
            return await self._refresh(key, RequiredVersion(cached.version), flight)

        self._flights.start(key, load)

    async def _fill(self, key: ListKey, required: RequiredVersion, flight: Flight) -> Found:
        """Return the stored list; wait for another instance's fill; else fill (rule 21)."""
        lock = FillLock(self._store, key[0])
        try:
            owned, cached = await self._own_or_find(key, required, lock)
        except StoreUnavailable:
            owned, cached = False, None
        if cached is not None:
            flight.set_version(cached.version)
            return cached, Outcome.REDIS
        if not owned:
            return await self._loader.load(key, flight), Outcome.FILLED
        return await self._fill_as_owner(key, flight, lock, renew=False)

    async def _own_or_find(
        self, key: ListKey, required: RequiredVersion, lock: FillLock
    ) -> tuple[bool, CachedList | None]:
        """Take the lock, or find the stored list.

        (True, None): we own the lock. (False, list): the list was there first. (False, None):
        neither within FILL_LOCK_SECONDS.
        """
        give_up_at = self._clock() + FILL_LOCK_SECONDS
        while (cached := await self._stored_lists.read(key, required.allows)) is None:
            if await lock.take():
                # The last owner may have stored the list between our look and our turn.
                cached = await self._stored_lists.read(key, required.allows)
                if cached is None:
                    return True, None
                await lock.free()
                break
            if self._clock() >= give_up_at:
                break
            await asyncio.sleep(LOOK_PAUSE)
        return False, cached

    async def _refresh(self, key: ListKey, required: RequiredVersion, flight: Flight) -> Found:
        """Return a list with a new life, or the stored one while another instance refreshes it."""
        lock = FillLock(self._store, key[0])
        with suppress(StoreUnavailable):
            cached = await self._stored_lists.read(key, required.allows)
            soon = self._clock() + self.refresh_ahead_seconds
            if cached is not None and cached.expires_at > soon:
                flight.set_version(cached.version)
                return cached, Outcome.REDIS
            if await lock.take():
                return await self._fill_as_owner(key, flight, lock, renew=True)
        return await self._fill(key, required, flight)

    async def _fill_as_owner(
        self, key: ListKey, flight: Flight, lock: FillLock, *, renew: bool
    ) -> Found:
        """Load the list, then store it in the background and free the lock (rule 23)."""
        try:
            cached = await self._loader.load(key, flight)
        except BaseException:
            await lock.free()
            raise
        self._background.start(self._store_and_free(key, cached, lock, renew=renew))
        return cached, Outcome.FILLED

    async def _store_and_free(
        self, key: ListKey, cached: CachedList, lock: FillLock, *, renew: bool
    ) -> None:
        began = self._clock()
        try:
            stored = await self._stored_lists.save(key, cached, renew=renew)
            if stored is PutResult.NO_KNOWN_VERSION:
                await self._required.create_as(key[0], lock.owner)
                stored = await self._stored_lists.save(key, cached, renew=renew)
        except (StoreUnavailable, DatabaseUnavailable, ScopeGone):
            self._events.count(Count.STORE_FAILED)
        else:
            self._events.count(Count.STORE, outcome=stored)
            self._events.measure(Measure.FILL_SECONDS, self._clock() - began, stage="store")
        finally:
            await lock.free()
