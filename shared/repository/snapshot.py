"""One list as of one moment: its version and its rows, from one transaction on one connection."""

import asyncio
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, Final

import sqlalchemy as sa

from shared.errors import DatabaseUnavailable
from shared.repository.azure_sql import read_one_state
from shared.repository.database import RowChunks
from shared.repository.driver_errors import retrying, translated
from shared.repository.statements import EPOCH_AND_VERSION
from shared.repository.threads import Threads
from shared.repository.timeouts import Patience
from shared.repository.versions import Version

CHUNK_ROWS: Final = 500
"""Serialised in one step that holds the interpreter: about half a millisecond."""


class Abandoned(Exception):
    """Nobody waits for this list any more."""


class SqlSnapshot:
    """The port's Snapshot. Its jobs take turns, so the connection goes back when none uses it."""

    version: Version | None

    def __init__(
        self, engine: sa.Engine, threads: Threads, rows: sa.Select[Any], patience: Patience
    ) -> None:
        self._engine = engine
        self._threads = threads
        self._rows = rows
        self._patience = patience
        self._turn = threading.Lock()
        self._left = threading.Event()
        self._connection: sa.Connection | None = None

    async def open(self, scope: str) -> None:
        """Begin the transaction with the first thing that it reads: epoch and version."""
        job = self._threads.run(lambda: self._open(scope), self._patience.read)
        epoch, number = await job
        self.version = None if number is None else Version(epoch, number)

    async def read[T](self, build: Callable[[RowChunks], T]) -> T:
        return await self._threads.run(lambda: self._read(build), self._patience.fill)

    async def close(self) -> None:
        """Give the connection back once no thread uses it, even when the caller is cancelled."""
        self._left.set()
        closing = asyncio.wrap_future(self._threads.start(self._close))
        await asyncio.wait([closing], timeout=self._patience.read)

    def _open(self, scope: str) -> tuple[str, int | None]:
        with self._turn, translated():
            return retrying(lambda: self._begin(scope))

    def _begin(self, scope: str) -> tuple[str, int | None]:
        self._release()
        if self._left.is_set():
            raise Abandoned
        self._connection = self._engine.connect()
        if self._engine.dialect.name == "mssql":
            read_one_state(self._connection)
        row = self._connection.execute(EPOCH_AND_VERSION, {"scope": scope}).one()
        return row.epoch, row.version if row.scope == scope else None

    def _read[T](self, build: Callable[[RowChunks], T]) -> T:
        with self._turn, translated(), closing(self._chunks()) as chunks:
            return build(chunks)

    def _chunks(self) -> Generator[Sequence[Sequence[Any]]]:
        """The driver's own rows: no second object for each (figures: docs/database.md)."""
        if self._connection is None:
            raise Abandoned
        if self.version is None:
            return
        result = self._connection.execute(self._rows)
        try:
            while chunk := result.cursor.fetchmany(CHUNK_ROWS):
                if self._left.is_set():
                    raise Abandoned
                yield chunk
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise DatabaseUnavailable from error
        finally:
            result.close()

    def _close(self) -> None:
        with self._turn:
            self._release()

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.rollback()
        except sa.exc.DBAPIError:
            connection.invalidate()
        connection.close()
