"""The port Database on SQL: every call runs in a thread, as one transaction."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from shared.errors import DatabaseUnavailable, OutcomeUnknown
from shared.repository import writes
from shared.repository.azure_sql import read_one_state
from shared.repository.database import RowChunks, Written
from shared.repository.driver_errors import retry_transient, translate_driver_errors
from shared.repository.sqlite import IMMEDIATE, as_json
from shared.repository.statements import (
    ALL_VERSIONS,
    EPOCH_AND_VERSION,
    RECORD,
    WAIT_FOR_WRITER,
    rows_of,
    spelled,
)
from shared.repository.timeouts import Timeouts
from shared.repository.versions import Version, Versions
from shared.repository.writes import CallerLeft, CommitRight
from shared.runtime import ThreadWorkers
from shared.tracks.track import Track, View

_STOPPED: Final = "The database did not answer in time. Nothing was stored."

CHUNK_ROWS: Final = 500
"""Rows that are serialised in one step: it holds the interpreter for about half a millisecond."""


class SqlDatabase:
    """SQLite or SQL Server behind `engine`, which should keep a connection for each thread.

    `workers` runs writes and reads of single records, `pollers` the polls of all versions,
    `fillers` the reads of lists: none of them delays another. At most `fills` snapshots are open at
    a time, which must not be more than `fillers` has threads; further ones wait.
    """

    def __init__(
        self,
        engine: sa.Engine,
        workers: ThreadWorkers,
        pollers: ThreadWorkers,
        fillers: ThreadWorkers,
        *,
        features_limit: int,
        fills: int = 4,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**IMMEDIATE)
        self._workers = workers
        self._pollers = pollers
        self._fillers = fillers
        self._limit = features_limit
        self._fills = asyncio.Semaphore(fills)
        self._timeouts = timeouts or Timeouts()

    async def versions(self) -> Versions:
        return await _in_thread(self._pollers, self._timeouts.poll, self._select_versions)

    @asynccontextmanager
    async def snapshot(self, scope: str, view: View) -> AsyncIterator["SqlSnapshot"]:
        rows = rows_of(scope, view, self._limit)
        if self._engine.dialect.name == "sqlite":
            rows = as_json(rows)
        async with self._fills:
            snapshot = SqlSnapshot(self._engine, self._fillers, rows, self._timeouts)
            try:
                await snapshot.begin(scope)
                yield snapshot
            finally:
                await snapshot.end()

    async def insert(self, track: Track) -> Written:
        return await self._write(
            lambda right: writes.insert(self._writer, right, track, self._limit)
        )

    async def find(self, genre: str, track_id: str) -> Track | None:
        work = partial(self._select_track, spelled(genre), track_id)
        return await _in_thread(self._workers, self._timeouts.read, work)

    async def raise_versions(self, scopes: Sequence[str]) -> Versions:
        return await self._write(lambda right: writes.raise_versions(self._writer, right, scopes))

    def close(self) -> None:
        """Wait for the threads to end, and close the connections."""
        for workers in (self._workers, self._pollers, self._fillers):
            workers.close()
        self._engine.dispose()

    @translate_driver_errors()
    @retry_transient
    def _select_versions(self) -> Versions:
        with self._engine.connect() as connection:
            rows = connection.execute(ALL_VERSIONS).all()
        if not rows:
            raise DatabaseUnavailable
        return Versions(rows[0].epoch, {row.scope: row.version for row in rows})

    @translate_driver_errors()
    @retry_transient
    def _select_track(self, genre: Mapping[str, str], track_id: str) -> Track | None:
        with self._writer.connect() as connection:
            connection.execute(WAIT_FOR_WRITER, genre)
            row = connection.execute(RECORD, {**genre, "of_track": track_id}).one_or_none()
        return Track(**row._asdict()) if row else None

    async def _write[T](self, work: Callable[[CommitRight], T]) -> T:
        """Run a write in a thread. One that takes too long is stopped before its commit.

        Raises DatabaseUnavailable if it was stopped, OutcomeUnknown if its commit had begun.
        """
        right = CommitRight()
        try:
            async with asyncio.timeout(self._timeouts.write):
                return await self._workers.run(work, right)
        except TimeoutError as error:
            if right.take():
                raise DatabaseUnavailable(_STOPPED) from error
            raise OutcomeUnknown from error


class SqlSnapshot:
    """The port Snapshot: one transaction on one connection, whose steps run in threads.

    `_turn` lets one step run at a time. The last step returns the connection; when the caller has
    left (`_left`), a step that is running ends at its next chunk, and no other begins.
    """

    version: Version | None

    def __init__(
        self, engine: sa.Engine, workers: ThreadWorkers, rows: sa.Select[Any], timeouts: Timeouts
    ) -> None:
        self._engine = engine
        self._workers = workers
        self._rows = rows
        self._timeouts = timeouts
        self._turn = threading.RLock()
        self._left = threading.Event()
        self._connection: sa.Connection | None = None

    async def begin(self, scope: str) -> None:
        """Begin the transaction with its first read: the version of the list."""
        work = partial(self._begin, scope)
        self.version = await _in_thread(self._workers, self._timeouts.read, work)

    async def read[T](self, build: Callable[[RowChunks], T]) -> T:
        return await _in_thread(self._workers, self._timeouts.fill, partial(self._build, build))

    async def end(self) -> None:
        """Return the connection once no thread uses it, even if the caller is being cancelled."""
        self._left.set()
        ended = asyncio.wrap_future(self._workers.start(self._end))
        await asyncio.wait([ended], timeout=self._timeouts.read)

    @translate_driver_errors()
    @retry_transient
    def _begin(self, scope: str) -> Version | None:
        with self._turn:
            self._end()  # the connection of an attempt that failed
            if self._left.is_set():
                raise CallerLeft
            self._connection = self._engine.connect()
            if self._engine.dialect.name == "mssql":
                read_one_state(self._connection)
            row = self._connection.execute(EPOCH_AND_VERSION, {"scope": scope}).one()
        return Version(row.epoch, row.version) if row.scope == scope else None

    @translate_driver_errors()
    def _build[T](self, build: Callable[[RowChunks], T]) -> T:
        with self._turn, closing(self._chunks()) as chunks:
            return build(chunks)

    def _chunks(self) -> Generator[Sequence[Sequence[Any]]]:
        """The driver's own rows, without an object of SQLAlchemy for each (docs/database.md)."""
        if self._connection is None:
            raise CallerLeft
        if self.version is None:
            return
        result = self._connection.execute(self._rows)
        try:
            while chunk := result.cursor.fetchmany(CHUNK_ROWS):
                if self._left.is_set():
                    raise CallerLeft
                yield chunk
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise DatabaseUnavailable from error
        finally:
            result.close()

    def _end(self) -> None:
        with self._turn:
            connection, self._connection = self._connection, None
            if connection is None:
                return
            try:
                connection.rollback()
            except sa.exc.DBAPIError:
                connection.invalidate()
            connection.close()


async def _in_thread[T](workers: ThreadWorkers, seconds: float, work: Callable[[], T]) -> T:
    """Run `work` in a thread. Raises DatabaseUnavailable when the answer takes too long."""
    try:
        async with asyncio.timeout(seconds):
            return await workers.run(work)
    except TimeoutError as error:
        raise DatabaseUnavailable from error
