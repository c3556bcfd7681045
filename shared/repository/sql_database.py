"""The port Database on SQL: every call is one job in a thread, every job one transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa

from shared.errors import DatabaseUnavailable, OutcomeUnknown
from shared.repository import writes
from shared.repository.database import Written
from shared.repository.driver_errors import retrying, translated
from shared.repository.snapshot import SqlSnapshot
from shared.repository.sqlite import IMMEDIATE
from shared.repository.statements import ALL_VERSIONS, WAIT_FOR_WRITER, record_of, rows_of
from shared.repository.threads import Threads, answer
from shared.repository.timeouts import Patience
from shared.repository.versions import Versions
from shared.tracks.genres import fold
from shared.tracks.track import COLUMNS, Track, View


class SqlDatabase:
    """SQLite or SQL Server behind `engine`, which should keep a connection per thread.

    `workers` runs writes and reads of one record; `pollers`, one or two threads, the versions;
    `fillers` the lists: none delays another. At most `fills` snapshots, no more than `fillers`
    has threads, are open at a time; more wait their turn.
    """

    def __init__(
        self,
        engine: sa.Engine,
        workers: ThreadPoolExecutor,
        pollers: ThreadPoolExecutor,
        fillers: ThreadPoolExecutor,
        *,
        features_limit: int,
        fills: int = 4,
        patience: Patience | None = None,
    ) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**IMMEDIATE)
        self._workers = Threads(workers)
        self._pollers = Threads(pollers)
        self._fillers = Threads(fillers)
        self._limit = features_limit
        self._fills = asyncio.Semaphore(fills)
        self._patience = patience or Patience()

    async def versions(self) -> Versions:
        return await self._pollers.run(self._versions, self._patience.poll)

    @asynccontextmanager
    async def snapshot(self, scope: str, view: View) -> AsyncIterator[SqlSnapshot]:
        rows = rows_of(scope, view, self._limit)
        async with self._fills:
            snapshot = SqlSnapshot(self._engine, self._fillers, rows, self._patience)
            try:
                await snapshot.open(scope)
                yield snapshot
            finally:
                await snapshot.close()

    async def insert(self, track: Track) -> Written:
        return await self._write(partial(writes.insert, self._writer, track, self._limit))

    async def find(self, genre: str, track_id: str) -> Track | None:
        job = partial(self._find, fold(genre), track_id)
        return await self._workers.run(job, self._patience.read)

    async def raise_versions(self, scopes: Sequence[str]) -> Versions:
        return await self._write(partial(writes.raise_versions, self._writer, scopes))

    def close(self) -> None:
        """Close the idle connections."""
        self._engine.dispose()

    async def _write[T](self, work: Callable[[], T]) -> T:
        """Run a writing job; one that began and did not answer in time may have committed."""

        def job() -> T:
            with translated():
                return work()

        future = self._workers.start(job)
        try:
            return await answer(future, self._patience.write)
        except TimeoutError as error:
            if future.cancelled():
                raise DatabaseUnavailable from error
            raise OutcomeUnknown from error

    def _versions(self) -> Versions:
        with translated():
            rows = retrying(self._read_versions)
        if not rows:
            raise DatabaseUnavailable
        return Versions(rows[0].epoch, {row.scope: row.version for row in rows})

    def _read_versions(self) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        with self._engine.connect() as connection:
            return connection.execute(ALL_VERSIONS).all()

    def _find(self, folded: str, track_id: str) -> Track | None:
        with translated():
            row = retrying(lambda: self._read_record(folded, track_id))
        return Track(**dict(zip(COLUMNS, row, strict=True))) if row else None

    def _read_record(self, folded: str, track_id: str) -> sa.Row[Any] | None:
        with self._writer.connect() as connection:
            connection.execute(WAIT_FOR_WRITER, {"genre": folded})
            return connection.execute(record_of(folded, track_id)).one_or_none()
