"""A database in virtual time: snapshots, row locks, versions raised under them, restores."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from shared.errors import TrackExists
from shared.repository.counted_records import NOTHING, Counted, is_listed
from shared.repository.database import Written
from shared.repository.versions import Version
from shared.repository.writes import CommitRight
from shared.tracks.genres import ALL, fold, tidy
from shared.tracks.track import Track
from tests.simulation.history import History, Rows, State
from tests.simulation.journal import Journal
from tests.simulation.network import Network, Weather

FIRST_MS: Final = 1_700_000_000_000
"""The database's clock at the virtual time 0."""

IDS_USED_AGAIN: Final = 0.5
"""Of the restores."""


class BrokenOffError(Exception):
    """The connection of this transaction is gone, and with it the transaction."""


@dataclass(slots=True)
class Transaction:
    """What one writer holds until it ends.

    `break_off` tells the writer, when its commit begins, that it will not learn the outcome.
    A writer that gives up takes `right`, so that nothing is committed.
    """

    incarnation: int
    right: CommitRight = field(default_factory=CommitRight)
    break_off: Callable[[], None] | None = None
    commits: bool = True
    locks: list[asyncio.Lock] = field(default_factory=list)


class DatabaseServer:
    """One database of every instance; all that is done here is done at the server."""

    def __init__(self, network: Network, history: History, journal: Journal) -> None:
        self.network = network
        self.history = history
        self.journal = journal
        self.weather = Weather()
        self.incarnation = 0
        self.set_back_ms = 0
        self.state = State("e0", (), {ALL: FIRST_MS - 1})
        self._next_id = 1
        self._locks: dict[str, asyncio.Lock] = {}

    def begin(self, right: CommitRight | None = None) -> Transaction:
        return Transaction(self.incarnation, right or CommitRight())

    def end(self, transaction: Transaction) -> None:
        while transaction.locks:
            transaction.locks.pop().release()

    async def insert(self, transaction: Transaction, track: Track) -> Written:
        """Raises TrackExists, BrokenOffError."""
        counted = self.counted()
        stored, rows = await self._added(transaction, track)
        listed, counted = is_listed(self._count, counted, rows[0][0], self.history.limit)
        numbers = await self._raised(transaction, [stored.genre, *([ALL] if listed else [])])
        await self._commit(transaction, rows, numbers, counted)
        return Written(stored, self._versions(numbers))

    async def load(
        self, transaction: Transaction, tracks: Sequence[Track]
    ) -> Sequence[tuple[str, Version]]:
        """Records that are there are updated, the others inserted; all in one transaction."""
        rows: Rows = ()
        ordered = sorted(tracks, key=lambda track: track.track_id)
        for track in ordered:
            await self._lock(transaction, f"row {fold(track.genre)} {track.track_id}")
        for track in ordered:
            rows += (await self._placed(transaction, track))[1]
        scopes = sorted({row[1].genre for row in rows})
        numbers = await self._raised(transaction, [*scopes, ALL])
        await self._commit(transaction, rows, numbers)
        return self._versions(numbers)

    def counted(self) -> Counted:
        """What was counted, as a writer reads it at its begin."""
        return self.state.counted

    async def raise_versions(
        self, transaction: Transaction, scopes: Sequence[str]
    ) -> Mapping[str, int]:
        known = [scope for scope in scopes if scope in self.state.versions]
        ordered = sorted(known, key=lambda scope: (scope == ALL, scope))
        numbers = await self._raised(transaction, ordered)
        await self._commit(transaction, (), numbers)
        return numbers

    async def hold(self, scope: str, seconds: float) -> None:
        """Lock a scope's row, as a transaction of another program may."""
        transaction = self.begin()
        with suppress(BrokenOffError):
            await self._lock(transaction, f"genre {fold(scope)}")
            await asyncio.sleep(seconds)
        self.end(transaction)

    async def find(self, transaction: Transaction, genre: str, track_id: str) -> Track | None:
        """The committed record; waits for the transaction that is about to commit it."""
        await self._lock(transaction, f"row {fold(genre)} {track_id}")
        return next((row[1] for row in self._rows_of(genre, track_id)), None)

    def stop(self) -> None:
        """Break every connection: no transaction that is open will commit."""
        self.incarnation += 1

    def restore(self, state: State) -> None:
        """Become what the database was, or another database.

        Ids go on after those of its records, or jump, as those of a server that was restarted do.
        """
        self.stop()
        self._locks = {}
        self.state = state
        if self.network.random() < IDS_USED_AGAIN:
            self._next_id = max((row[0] for row in state.rows), default=0) + 1
        self.history.restored(self.network.loop.time(), state)

    def next_number(self, number: int) -> int:
        """A version never repeats, not even after a restore (protocol, Terms)."""
        return max(number + 1, self.clock_ms())

    def clock_ms(self) -> int:
        return FIRST_MS + int(self.network.loop.time() * 1000) - self.set_back_ms

    async def _added(self, transaction: Transaction, track: Track) -> tuple[Track, Rows]:
        await self._lock(transaction, f"row {fold(track.genre)} {track.track_id}")
        if any(self._rows_of(track.genre, track.track_id)):
            raise TrackExists
        return await self._placed(transaction, track)

    async def _placed(self, transaction: Transaction, track: Track) -> tuple[Track, Rows]:
        """The record under the stored spelling of its genre, with its id.

        Ids follow the order of the inserts, which need not be the order of the commits.
        """
        await self._lock(transaction, f"row {fold(track.genre)} {track.track_id}")
        if self._spelling(track.genre) not in self.state.versions:
            await self._lock(transaction, f"genre {fold(track.genre)}")
        stored = replace(track, genre=self._spelling(track.genre))
        known = next(iter(self._rows_of(track.genre, track.track_id)), None)
        if known is not None:
            return stored, ((known[0], stored),)
        self._next_id += 1
        return stored, ((self._next_id - 1, stored),)

    async def _raised(self, transaction: Transaction, scopes: Sequence[str]) -> dict[str, int]:
        """New numbers; the rows stay locked until the commit."""
        numbers = {}
        for scope in scopes:
            await self._lock(transaction, f"genre {fold(scope)}")
            numbers[scope] = self.next_number(self.state.versions.get(scope, 0))
        return numbers

    def _count(self, after: int, before: int, most: int) -> tuple[int, int]:
        """The committed records between two ids: at most so many, and the last of them."""
        found = [row[0] for row in self.state.rows if after < row[0] < before][:most]
        return len(found), max(found, default=0)

    async def _commit(
        self,
        transaction: Transaction,
        rows: Rows,
        numbers: Mapping[str, int],
        counted: Counted = NOTHING,
    ) -> None:
        if not transaction.right.take():
            raise BrokenOffError
        if transaction.break_off is not None:
            transaction.break_off()
        await asyncio.sleep(self.network.delay(self.weather))
        self._check(transaction)
        if not transaction.commits:
            raise BrokenOffError
        merged = dict(self.state.rows) | dict(rows)
        versions = {**self.state.versions, **numbers}
        counted = max(self.state.counted, counted, key=lambda one: one.last_id)
        self.state = State(self.state.epoch, tuple(sorted(merged.items())), versions, counted)
        tracks = [row[1] for row in rows]
        self.history.committed(self.network.loop.time(), self.state, tracks, numbers)
        self.journal.note("sql", "commit", numbers=numbers, ids=[row[0] for row in rows])

    async def _lock(self, transaction: Transaction, name: str) -> None:
        lock = self._locks.setdefault(name, asyncio.Lock())
        if lock not in transaction.locks:
            await lock.acquire()
            transaction.locks.append(lock)
            await asyncio.sleep(self.network.delay(self.weather))
        self._check(transaction)

    def _check(self, transaction: Transaction) -> None:
        if transaction.incarnation != self.incarnation:
            raise BrokenOffError

    def _spelling(self, genre: str) -> str:
        folded = fold(genre)
        same = (scope for scope in self.state.versions if fold(scope) == folded)
        return next(same, tidy(genre))

    def _rows_of(self, genre: str, track_id: str) -> Rows:
        folded = fold(genre)
        return tuple(
            row
            for row in self.state.rows
            if row[1].track_id == track_id and fold(row[1].genre) == folded
        )

    def _versions(self, numbers: Mapping[str, int]) -> tuple[tuple[str, Version], ...]:
        return tuple((scope, Version(self.state.epoch, n)) for scope, n in numbers.items())
