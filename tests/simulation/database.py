"""The port Database as one instance sees it: calls over a network, and commits that break off."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from shared.errors import ApiError, DatabaseUnavailable, OutcomeUnknown
from shared.repository.database import Row, RowChunks, Written
from shared.repository.versions import Version, Versions
from shared.repository.writes import CommitRight
from shared.tracks.track import Track, View
from tests.simulation.database_server import BrokenOffError, DatabaseServer, Transaction
from tests.simulation.history import Rows
from tests.simulation.network import Weather
from tests.simulation.store import Health

PATIENCE: Final = 5.0
"""Seconds after which a call gives up."""

COMMITTED_ALL_THE_SAME: Final = 0.6
"""Of the commits whose outcome stays unknown."""

FILLS: Final = 4
"""Snapshots that one instance has open at a time."""


@dataclass(slots=True)
class SqlLink:
    """One instance's way to SQL. `breaks` is the chance that a commit's reply does not come."""

    health: Health = Health.WELL
    weather: Weather = field(default_factory=Weather)
    breaks: float = 0.0


class SimulatedSnapshot:
    """One state of the database; it ends when the database breaks the connection."""

    def __init__(self, caller: "SimulatedDatabase", rows: Rows, view: View) -> None:
        self._caller = caller
        self._rows = rows
        self._view = view
        self.version: Version | None = None
        self.incarnation = 0

    async def read[T](self, build: Callable[[RowChunks], T]) -> T:
        return await self._caller.read(self.incarnation, lambda: build(self._chunks()))

    def _chunks(self) -> Iterator[Sequence[Row]]:
        columns = self._view.columns
        for start in range(0, len(self._rows), 2):
            part = self._rows[start : start + 2]
            yield [(row[0], *(getattr(row[1], name) for name in columns)) for row in part]


class SimulatedDatabase:
    """Every method raises DatabaseUnavailable when its link fails or its patience ends."""

    def __init__(self, server: DatabaseServer, link: SqlLink) -> None:
        self._server = server
        self._network = server.network
        self._link = link
        self._fills = asyncio.Semaphore(FILLS)

    async def versions(self) -> Versions:
        state = await self.read(None, lambda: self._server.state)
        return Versions(state.epoch, state.versions)

    @asynccontextmanager
    async def snapshot(self, scope: str, view: View) -> AsyncIterator[SimulatedSnapshot]:
        async with self._fills:
            incarnation, state = await self.read(
                None, lambda: (self._server.incarnation, self._server.state)
            )
            rows = state.of(scope, self._server.history.limit)
            snapshot = SimulatedSnapshot(self, rows, view)
            snapshot.incarnation = incarnation
            if scope in state.versions:
                snapshot.version = Version(state.epoch, state.versions[scope])
            yield snapshot

    async def insert(self, track: Track) -> Written:
        return await self._write(lambda work: self._server.insert(work, track))

    async def load(self, tracks: Sequence[Track]) -> Sequence[tuple[str, Version]]:
        """A bulk load's only transaction: the versions that it gave to what it touched."""
        return await self._write(lambda work: self._server.load(work, tracks))

    async def find(self, genre: str, track_id: str) -> Track | None:
        return await self._write(
            lambda work: self._server.find(work, genre, track_id), breaks=False
        )

    async def raise_versions(self, scopes: Sequence[str]) -> Versions:
        numbers = await self._write(lambda work: self._server.raise_versions(work, scopes))
        return Versions(self._server.state.epoch, numbers)

    async def read[T](self, incarnation: int | None, step: Callable[[], T]) -> T:
        """One look at the server; a given incarnation is the connection that it must be."""
        reply: asyncio.Future[T] = self._network.loop.create_future()

        def serve() -> None:
            if self._link.health is Health.SILENT:
                return
            broken = incarnation not in {None, self._server.incarnation}
            refused = broken or self._link.health is Health.REFUSING
            answer = DatabaseUnavailable() if refused else step()
            self._settle(reply, answer)

        self._network.send(self._delay(), serve)
        return await self._patiently(reply, DatabaseUnavailable)

    async def _write[T](
        self, work: Callable[[Transaction], Coroutine[Any, Any, T]], *, breaks: bool = True
    ) -> T:
        reply: asyncio.Future[T] = self._network.loop.create_future()
        right = CommitRight()
        random = self._network.random
        breaking = breaks and self._link.breaks > 0 and random() < self._link.breaks

        def serve() -> None:
            if self._link.health is Health.REFUSING:
                self._settle(reply, DatabaseUnavailable())
            elif self._link.health is not Health.SILENT:
                transaction = self._server.begin(right)
                if breaking:
                    transaction.break_off = lambda: self._settle(reply, OutcomeUnknown())
                    transaction.commits = random() < COMMITTED_ALL_THE_SAME
                self._network.loop.create_task(self._serve(transaction, work(transaction), reply))

        self._network.send(self._delay(), serve)
        try:
            return await self._patiently(reply, OutcomeUnknown)
        except OutcomeUnknown:
            if right.take():
                raise DatabaseUnavailable from None
            raise

    async def _serve[T](
        self, transaction: Transaction, work: Coroutine[Any, Any, T], reply: asyncio.Future[T]
    ) -> None:
        answer: T | Exception
        try:
            answer = await work
        except ApiError as error:
            answer = error
        except BrokenOffError:
            answer = DatabaseUnavailable()
        finally:
            self._server.end(transaction)
        self._settle(reply, answer)

    async def _patiently[T](self, reply: asyncio.Future[T], error: type[DatabaseUnavailable]) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                return await reply
        except TimeoutError:
            raise error from None

    def _settle[T](self, reply: asyncio.Future[T], answer: T | Exception) -> None:
        self._network.settle(self._delay(), reply, answer)

    def _delay(self) -> float:
        return self._network.delay(self._link.weather)
