"""Rules of writes and of their versions, broken."""

import asyncio

import pytest

from shared.cache import announcer
from shared.cache.announcer import Announcer, ScopeVersions
from shared.cache.store import Store, StoreUnavailable
from shared.repository.versions import Version
from tests.simulation.database_server import DatabaseServer


def delete_instead_of_compare_and_set(patch: pytest.MonkeyPatch) -> None:
    async def push(_: Announcer, store: Store, scope: str, version: Version) -> bool:
        del version
        try:
            await store.discard(scope)
        except StoreUnavailable:
            return False
        return True

    patch.setattr(Announcer, "_push", push)


def answer_before_invalidation(patch: pytest.MonkeyPatch) -> None:
    announce = Announcer.announce

    async def early(self: Announcer, versions: ScopeVersions | None, committed_at: float) -> None:
        task = asyncio.ensure_future(announce(self, versions, committed_at))
        self.__dict__.setdefault("kept", []).append(task)

    patch.setattr(Announcer, "announce", early)


def acknowledgement_one_tick_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(announcer, "acknowledgement_delay", lambda trust: trust - 0.001)


def no_allowance_for_clocks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(announcer, "acknowledgement_delay", lambda trust: trust)


def versions_that_only_count_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DatabaseServer, "next_number", lambda _, number: number + 1)
