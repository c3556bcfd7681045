"""Rules of writes and of their versions, broken."""

import asyncio

import pytest

from shared.cache import writer
from shared.cache.store import StoreUnavailable
from shared.cache.writer import Announcer, ScopeVersions, Writer
from shared.repository.counted_records import NOTHING, Counted
from shared.repository.versions import Version
from shared.repository.writes import CommitRight
from shared.tracks.genres import ALL
from tests.simulation.database_server import DatabaseServer


def delete_instead_of_compare_and_set(patch: pytest.MonkeyPatch) -> None:
    async def push(self: Announcer, scope: str, version: Version) -> bool:
        del version
        try:
            await self._store.discard(scope)
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
    patch.setattr(writer, "acknowledgement_delay", lambda seconds: seconds - 0.001)


def no_allowance_for_clocks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(writer, "acknowledgement_delay", lambda seconds: seconds)


def versions_that_only_count_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DatabaseServer, "next_number", lambda _, number: number + 1)


def conflict_answered_at_once(patch: pytest.MonkeyPatch) -> None:
    async def show_existing(*_: object) -> None:
        """Announce nothing."""

    patch.setattr(Writer, "_show_existing", show_existing)


def conflict_announced_from_the_lease(patch: pytest.MonkeyPatch) -> None:
    async def versions(self: Writer, genre: str, committed_at: float) -> ScopeVersions:
        lease = self._leases.last or await self._leases.after(committed_at)
        return [(name, lease.version_of(name)) for name in (lease.scope_of(genre) or ALL, ALL)]

    patch.setattr(Writer, "_versions", versions)


def count_kept_in_the_process(patch: pytest.MonkeyPatch) -> None:
    """For each epoch, which a restore does not change."""
    counted = DatabaseServer.counted

    def furthest(self: DatabaseServer) -> Counted:
        kept = self.__dict__.setdefault("kept", {}).setdefault(self.state.epoch, NOTHING)
        last: Counted = max(kept, counted(self), key=lambda one: one.last_id)
        self.__dict__["kept"][self.state.epoch] = last
        return last

    patch.setattr(DatabaseServer, "counted", furthest)


def late_write_not_stopped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CommitRight, "take", lambda _: True)
