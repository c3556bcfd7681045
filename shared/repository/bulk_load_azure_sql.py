"""A load into SQL Server: staged as text, then merged by the procedure `spotify.load_features`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.pool import PoolProxiedConnection

from shared.errors import DatabaseUnavailable, OutcomeUnknown
from shared.repository.azure_sql import skip_messages, take_lock
from shared.repository.driver_errors import translate_driver_errors
from shared.repository.load_target import LoadRefused, Merged, StagedRow, reasons
from shared.repository.statements import REASONS
from shared.repository.tables import features_rejected, features_staging
from shared.repository.versions import Version
from shared.tracks.rejected import Reason, Rejected
from shared.tracks.track import COLUMNS

_SQL_WVARCHAR: Final = -9
_EPOCH: Final = "SELECT epoch FROM spotify.cache_epoch"
_LOAD: Final = "EXEC spotify.load_features @run_id = ?, @features_limit = ?, @expected_rows = ?"
_RUN_LOCK: Final = "spotify.run."
"""While a session holds this lock of a run, its staged rows are not abandoned
(0003_remove_abandoned_rows.sql)."""

_LOCK_SECONDS: Final = 5
_DELETE_STAGED: Final = "DELETE FROM spotify.features_staging WHERE run_id = ?"
_UNKNOWN: Final = "The connection broke during the load: all of it is stored, or nothing."
_REFUSAL: Final = re.compile(r"(?s)([^\]]*) \((5000[1-6])\) \(SQL")
"""An error of the procedure in the driver's words: `[SQL Server]Another ... (50002) (SQL...`."""

_NONE_STORED: Final = "50005"


class _NoneStored(LoadRefused):
    """Not one of the staged rows can be stored; the rejected lines say why."""


class AzureLoad:
    """The port Target on SQL Server, on its own connection.

    A batch is one call of the driver and one transaction: the server writes its log once for all of
    its rows, where it would write it once for each.
    """

    def __init__(self, engine: sa.Engine, features_limit: int, run_id: str) -> None:
        self._engine = engine
        self._limit = features_limit
        self._run_id = run_id
        self._stage = _insertion(features_staging, ("run_id", "line", *COLUMNS), engine)
        self._reject = _insertion(features_rejected, features_rejected.c.keys(), engine)
        self._count_reasons = str(REASONS.compile(dialect=engine.dialect))
        self._staged = 0
        self._connection: PoolProxiedConnection | None = None

    def stage(self, batch: Sequence[StagedRow]) -> None:
        rows = [(self._run_id, *map(_text, row)) for row in batch]
        self._staged += len(rows)
        with self._transaction() as cursor:
            # The driver allocates memory for all rows, each as wide as the widest value. The limits
            # of the columns keep that below 40 MB for a batch.
            cursor.fast_executemany = True
            cursor.setinputsizes([(_SQL_WVARCHAR, width, 0) for width in _widths(rows)])
            cursor.executemany(self._stage, rows)

    def reject(self, batch: Sequence[Rejected]) -> None:
        rows = [(self._run_id, *astuple(rejected)) for rejected in batch]
        with self._transaction() as cursor:
            cursor.executemany(self._reject, rows)

    def merge(self) -> Merged:
        if not self._staged:
            self._close()
            return Merged(0, 0, 0, {}, {})
        with self._driver() as driver:
            epoch = driver.execute(_EPOCH).fetchval()
        try:
            merged = self._merge(epoch)
        except _NoneStored:
            merged = Merged(0, 0, 0, self._reasons(), {})
        except DatabaseUnavailable as error:
            raise OutcomeUnknown(_UNKNOWN) from error
        self._close()
        return merged

    def _merge(self, epoch: str) -> Merged:
        parameters = (self._run_id, self._limit, self._staged)
        with self._driver() as driver, closing(driver.execute(_LOAD, *parameters)) as cursor:
            counts = skip_messages(cursor).fetchone()
            cursor.nextset()
            rows = skip_messages(cursor).fetchall()
            versions = {scope: Version(epoch, number) for scope, number in rows}
        return Merged(counts.inserted, counts.updated, counts.unchanged, self._reasons(), versions)

    def _reasons(self) -> Mapping[str, Reason]:
        """Why lines were rejected, by the reader or by the procedure: the table has both."""
        with self._driver() as driver:
            return reasons(driver.execute(self._count_reasons, self._run_id).fetchall())

    def abandon(self) -> None:
        try:
            if self._staged:
                with self._driver() as driver:
                    driver.rollback()  # of a batch that was interrupted
                    driver.autocommit = True
                    driver.execute(_DELETE_STAGED, self._run_id)
        finally:
            self._staged = 0
            self._close()

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """A cursor whose statements are one transaction. Only `abandon` may follow an error."""
        with self._driver() as driver:
            driver.autocommit = False
            yield driver.cursor()
            driver.commit()
            driver.autocommit = True

    @contextmanager
    def _driver(self) -> Iterator[Any]:
        """The driver's connection, which commits each statement, however long that takes.

        An error closes it, and the next statement gets a new one. Raises DatabaseUnavailable, and
        LoadRefused for an error that the procedure throws.
        """
        errors = self._engine.dialect.loaded_dbapi.Error
        with translate_driver_errors():
            connection = self._connection or _connect(self._engine)
            driver: Any = connection.dbapi_connection
            try:
                if self._connection is None:
                    self._connection = connection
                    _lock(driver, self._run_id)
                yield driver
            except errors as error:
                self._connection = None
                driver.close()  # the pool would log that it cannot roll back
                if refusal := _REFUSAL.search(str(error)):
                    kind = _NoneStored if refusal[2] == _NONE_STORED else LoadRefused
                    raise kind(refusal[1]) from error
                raise sa.exc.DBAPIError.instance(_LOAD, None, error, errors) from error

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _connect(engine: sa.Engine) -> PoolProxiedConnection:
    connection = engine.raw_connection()
    connection.detach()
    driver: Any = connection.dbapi_connection
    driver.timeout = 0
    driver.autocommit = True
    return connection


def _lock(driver: Any, run_id: str) -> None:
    if take_lock(driver, f"{_RUN_LOCK}{run_id}", "Session", _LOCK_SECONDS) < 0:
        raise LoadRefused(f"Another program is loading under the same run_id, {run_id}.")


def _text(value: float | str | None) -> str:
    """What the procedure reads as this value; it takes NULL for a field that the file lacks."""
    return "" if value is None else str(value)


def _widths(rows: Sequence[tuple[str, ...]]) -> list[int]:
    """An upper bound for the width of each column, in UTF-16 units."""
    return [2 * max(map(len, column)) or 1 for column in zip(*rows, strict=True)]


def _insertion(table: sa.Table, columns: Sequence[str], engine: sa.Engine) -> str:
    statement = sa.insert(table).inline()  # without OUTPUT: the new ids are not needed
    return str(statement.compile(dialect=engine.dialect, column_keys=list(columns)))
