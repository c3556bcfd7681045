"""Rules of reads, fills and restores, broken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from shared.cache.memory import ListKey
from shared.cache.reader import Lists
from shared.cache.required_version import LOCK_SECONDS, Needs, version_in
from shared.cache.rollbacks import Restores
from shared.cache.served import Outcome, Served
from shared.cache.single_flight import Flight
from shared.cache.store import StoreUnavailable
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
        async with whole(self, scope, view) as first, whole(self, scope, view) as second:
            second.version = first.version
            yield second

    patch.setattr(SimulatedDatabase, "snapshot", snapshot)


def lock_taken_after_the_query(patch: pytest.MonkeyPatch) -> None:
    async def establish(self: Needs, scope: str) -> Version:
        token = self._tokens()
        known = version_in(await self._freshness.after(self._clock()), scope)
        if await self._store.lock(scope, token, LOCK_SECONDS):
            await self._store.advance(scope, known, token=token)
            with suppress(StoreUnavailable):
                await self._store.unlock(scope, token)
        return known

    patch.setattr(Needs, "establish", establish)


def nothing_dropped_after_a_restore(patch: pytest.MonkeyPatch) -> None:
    async def check(*_: Any, **__: Any) -> bool:
        return False

    patch.setattr(Restores, "check", check)


def epoch_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Version, "satisfies", lambda self, need: self.number >= need.number)


def memory_copy_served_unvalidated(patch: pytest.MonkeyPatch) -> None:
    fresh = Lists._fresh

    async def unvalidated(self: Lists, key: ListKey, *request: Any) -> Served:
        entry = self._memory.get(key)
        if entry is not None:
            return self._served(Outcome.MEMORY, key, entry)
        return await fresh(self, key, *request)

    patch.setattr(Lists, "_fresh", unvalidated)
