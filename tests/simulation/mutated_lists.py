"""Rules of reads, fills and rollbacks, broken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.cache.cached_list import ListKey, Outcome, Served
from shared.cache.reader import CacheReader
from shared.cache.required_version import FillLock, RequiredVersions, RollbackDetector
from shared.cache.single_flight import Flight
from shared.repository.versions import Version
from shared.tracks.track import View
from tests.simulation.database import SimulatedDatabase, SimulatedSnapshot


def no_version_test_on_join(patch: pytest.MonkeyPatch) -> None:
    async def satisfies(*_: Any) -> bool:
        return True

    patch.setattr(Flight, "satisfies", satisfies)


def rows_and_version_of_two_snapshots(patch: pytest.MonkeyPatch) -> None:
    whole = SimulatedDatabase.snapshot

    @asynccontextmanager
    async def snapshot(
        self: SimulatedDatabase, scope: str, view: View
    ) -> AsyncIterator[SimulatedSnapshot]:
        async with whole(self, scope, view) as first:
            version = first.version
        async with whole(self, scope, view) as second:
            second.version = version
            yield second

    patch.setattr(SimulatedDatabase, "snapshot", snapshot)


def lock_taken_after_the_query(patch: pytest.MonkeyPatch) -> None:
    async def create(self: RequiredVersions, scope: str) -> Version:
        in_sql = (await self._leases.after(self._clock())).version_of(scope)
        lock = FillLock(self._store, scope)
        if await lock.take():
            await self._store.advance(scope, in_sql, owner=lock.owner)
            await lock.free()
        return in_sql

    patch.setattr(RequiredVersions, "_create", create)


def nothing_dropped_after_a_rollback(patch: pytest.MonkeyPatch) -> None:
    async def check(*_: Any, **__: Any) -> bool:
        return False

    patch.setattr(RollbackDetector, "detect", check)


def epoch_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Version, "satisfies", lambda self, required: self.number >= required.number)


def memory_copy_served_unvalidated(patch: pytest.MonkeyPatch) -> None:
    current = CacheReader._current

    async def unvalidated(self: CacheReader, key: ListKey, *request: Any) -> Served:
        cached = self._memory.get(key)
        if cached is not None:
            return self._served(Outcome.MEMORY, key, cached)
        return await current(self, key, *request)

    patch.setattr(CacheReader, "_current", unvalidated)
