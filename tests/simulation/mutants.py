"""The protocol with one rule left out, each: the oracle must catch every one of them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from pytest import MonkeyPatch

from shared.catalog import announcer
from shared.catalog.announcer import Announcer, ScopeVersions
from shared.catalog.freshness import Freshness, Lease
from shared.catalog.lists import Lists
from shared.catalog.memory import ListKey
from shared.catalog.needs import LOCK_SECONDS, Needs, version_in
from shared.catalog.restores import Restores
from shared.catalog.served import Outcome, Served
from shared.catalog.single_flight import Flight
from shared.catalog.store import Generation, Store, StoreAway, Stored
from shared.catalog.track import View
from shared.catalog.unknown import UnknownGenres
from shared.catalog.versions import Version
from shared.coalescer import Coalescer
from tests.simulation.database import SimulatedDatabase, SimulatedSnapshot
from tests.simulation.database_server import DatabaseServer
from tests.simulation.store import SimulatedStore
from tests.simulation.store_state import Kept, StoreState

type Mutant = Callable[[MonkeyPatch], None]


def no_version_test_on_join(patch: MonkeyPatch) -> None:
    async def satisfies(self: Flight[Any], accepts: Any, asked: float) -> bool:
        return True

    patch.setattr(Flight, "satisfies", satisfies)


def delete_instead_of_compare_and_set(patch: MonkeyPatch) -> None:
    async def push(self: Announcer, store: Store, scope: str, version: Version) -> bool:
        try:
            await store.discard(scope)
        except StoreAway:
            return False
        return True

    patch.setattr(Announcer, "_push", push)


def rows_and_version_of_two_snapshots(patch: MonkeyPatch) -> None:
    whole = SimulatedDatabase.snapshot

    @asynccontextmanager
    async def snapshot(
        self: SimulatedDatabase, scope: str, view: View
    ) -> AsyncIterator[SimulatedSnapshot]:
        async with whole(self, scope, view) as first, whole(self, scope, view) as second:
            second.version = first.version
            yield second

    patch.setattr(SimulatedDatabase, "snapshot", snapshot)


def lease_always_trusted(patch: MonkeyPatch) -> None:
    serving = Freshness.serving

    async def trusting(self: Freshness, began: float) -> Lease:
        return self._lease or await serving(self, began)

    patch.setattr(Freshness, "serving", trusting)


def lease_counted_from_the_end_of_the_poll(patch: MonkeyPatch) -> None:
    settle = Freshness._settle

    def late(self: Freshness, poll: Any) -> None:
        if self._lease is not None and self._lease.began == poll.began:
            poll.began = self._clock()
            self._lease = replace(self._lease, began=poll.began)
        settle(self, poll)

    patch.setattr(Freshness, "_settle", late)


def answer_before_invalidation(patch: MonkeyPatch) -> None:
    announce = Announcer.announce

    async def early(
        self: Announcer, versions: ScopeVersions | None, committed_at: float
    ) -> None:
        _in_background(announce(self, versions, committed_at))

    patch.setattr(Announcer, "announce", early)


def versions_that_only_count_up(patch: MonkeyPatch) -> None:
    patch.setattr(DatabaseServer, "next_number", lambda self, number: number + 1)


def generation_created_by_a_writer(patch: MonkeyPatch) -> None:
    advance = StoreState.advance

    def creating(
        self: StoreState, scope: str, version: Version, token: str, void: int | None
    ) -> None:
        advance(self, scope, version, token, void)
        if not token:
            self.newest_known.setdefault(scope, version)

    patch.setattr(StoreState, "advance", creating)


def maximum_of_polls(patch: MonkeyPatch) -> None:
    settle = Freshness._settle
    def greatest(self: Freshness, poll: Any) -> None:
        lease = self._lease
        if lease is not None and lease.began == poll.began:
            numbers = dict(lease.versions.numbers)
            for scope, number in self.__dict__.get("greatest", {}).items():
                numbers[scope] = max(number, numbers.get(scope, 0))
            self.__dict__["greatest"] = numbers
            self._lease = replace(lease, versions=replace(lease.versions, numbers=numbers))
        settle(self, poll)

    patch.setattr(Freshness, "_settle", greatest)


def acknowledgement_one_tick_early(patch: MonkeyPatch) -> None:
    patch.setattr(announcer, "acknowledgement_delay", lambda trust: trust - 0.001)


def no_allowance_for_clocks(patch: MonkeyPatch) -> None:
    patch.setattr(announcer, "acknowledgement_delay", lambda trust: trust)


def lock_taken_after_the_query(patch: MonkeyPatch) -> None:
    async def establish(self: Needs, scope: str) -> Version:
        token = self._tokens()
        known = version_in(await self._freshness.after(self._clock()), scope)
        if await self._store.lock(scope, token, LOCK_SECONDS):
            await self._store.advance(scope, known, token=token)
            with suppress(StoreAway):
                await self._store.unlock(scope, token)
        return known

    patch.setattr(Needs, "establish", establish)


def lease_kept_over_a_reconnect(patch: MonkeyPatch) -> None:
    newest = SimulatedStore._newest

    async def always_connected(self: SimulatedStore, scope: str) -> Generation:
        return replace(await newest(self, scope), connected_at=float("-inf"))

    patch.setattr(SimulatedStore, "_newest", always_connected)


def nothing_dropped_after_a_restore(patch: MonkeyPatch) -> None:
    async def check(
        self: Restores, scope: str, version: Version, began: float, *, token: str = ""
    ) -> bool:
        return False

    patch.setattr(Restores, "check", check)


def epoch_ignored(patch: MonkeyPatch) -> None:
    patch.setattr(Version, "satisfies", lambda self, need: self.number >= need.number)


def memory_copy_served_unvalidated(patch: MonkeyPatch) -> None:
    fresh = Lists._fresh

    async def unvalidated(self: Lists, key: ListKey, began: float, unless: Any) -> Served:
        entry = self._memory.get(key)
        if entry is not None:
            return self._served(Outcome.MEMORY, key, entry)
        return await fresh(self, key, began, unless)

    patch.setattr(Lists, "_fresh", unvalidated)


def put_without_a_version_check(patch: MonkeyPatch) -> None:
    def put(
        self: StoreState,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        ttl: float,
        *,
        renew: bool,
    ) -> Stored:
        newest = self.newest_known.get(scope, version)
        self.newest_known[scope] = version if newest.number > version.number else newest
        self.lists[scope] = Kept(version, dict(fields), self.now() + ttl)
        return Stored.STORED

    patch.setattr(StoreState, "put", put)


def older_fill_keeps_its_lock(patch: MonkeyPatch) -> None:
    advance = StoreState.advance

    def sparing(
        self: StoreState, scope: str, version: Version, token: str, void: int | None
    ) -> None:
        lock = self.locks.get(scope)
        advance(self, scope, version, token, void)
        if lock is not None:
            self.locks[scope] = lock

    patch.setattr(StoreState, "advance", sparing)


def poll_joined_while_under_way(patch: MonkeyPatch) -> None:
    joined = Freshness._joined

    def any_poll(self: Freshness, moment: float) -> Any:
        return joined(self, moment) if self._running is None else self._running.lease

    patch.setattr(Freshness, "_joined", any_poll)


def generation_query_joined_while_under_way(patch: MonkeyPatch) -> None:
    ask = Coalescer.ask

    async def joining(self: Coalescer[Any, Any], key: Any) -> Any:
        running = self.__dict__.setdefault("under_way", {})
        if key not in running:
            running[key] = _in_background(ask(self, key))
            running[key].add_done_callback(lambda _: running.pop(key))
        return await running[key]

    patch.setattr(Coalescer, "ask", joining)


def unknown_genre_without_a_poll(patch: MonkeyPatch) -> None:
    async def lease(self: UnknownGenres, began: float) -> Lease:
        return await self._freshness.serving(began)

    patch.setattr(UnknownGenres, "lease", lease)


def _in_background[T](work: Any) -> Any:
    import asyncio

    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


MUTANTS: Final[Sequence[Mutant]] = (
    no_version_test_on_join,
    delete_instead_of_compare_and_set,
    rows_and_version_of_two_snapshots,
    lease_always_trusted,
    lease_counted_from_the_end_of_the_poll,
    answer_before_invalidation,
    versions_that_only_count_up,
    generation_created_by_a_writer,
    maximum_of_polls,
    acknowledgement_one_tick_early,
    no_allowance_for_clocks,
    lock_taken_after_the_query,
    lease_kept_over_a_reconnect,
    nothing_dropped_after_a_restore,
    epoch_ignored,
    memory_copy_served_unvalidated,
    put_without_a_version_check,
    older_fill_keeps_its_lock,
    poll_joined_while_under_way,
    generation_query_joined_while_under_way,
    unknown_genre_without_a_poll,
)
