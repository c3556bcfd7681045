"""A load into SQL Server: staged as text, then stored by the procedure `spotify.load_features`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import batched
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from shared.catalog.sql.faults import translated
from shared.catalog.sql.statements import ALL_VERSIONS
from shared.catalog.tables import features_rejected, features_staging
from shared.catalog.track import COLUMNS, Track
from shared.catalog.versions import Version
from shared.ingest.rejected import Rejected
from shared.ingest.target import Merged

_BATCH_ROWS: Final = 1000
"""The driver takes memory for so many rows at once, each as wide as the widest value."""

_SQL_WVARCHAR: Final = -9
_values: Final = attrgetter(*COLUMNS)
_STAGED: Final = ("run_id", "line", *COLUMNS)


class AzureLoad:
    """The port Target on SQL Server. What is staged is removed by `merge` and by `abandon`."""

    def __init__(self, engine: sa.Engine, features_limit: int, run_id: str) -> None:
        self._engine = engine
        self._limit = features_limit
        self._run_id = run_id
        self._stage = _insertion(features_staging, _STAGED, engine.dialect)
        self._staged = False
        self._connection: sa.Connection | None = None

    def stage(self, batch: Sequence[tuple[int, Track]]) -> None:
        rows = [(self._run_id, str(line), *map(_text, _values(track))) for line, track in batch]
        with self._driver() as driver:
            cursor = driver.cursor()
            cursor.fast_executemany = True
            for part in batched(rows, _BATCH_ROWS, strict=False):
                cursor.setinputsizes([(_SQL_WVARCHAR, width, 0) for width in _widths(part)])
                cursor.executemany(self._stage, part)
        self._staged = True

    def reject(self, batch: Sequence[Rejected]) -> None:
        rows = [
            {"run_id": self._run_id, "line": line.line, "reason": line.reason, "raw": line.raw}
            for line in batch
        ]
        with self._driver():
            self._opened().execute(sa.insert(features_rejected), rows)

    def merge(self) -> Merged:
        if not self._staged:
            self._close()
            return Merged(0, 0, 0, 0, {})
        with self._driver() as driver:
            epoch = self._opened().execute(ALL_VERSIONS).first()
            cursor = driver.execute(
                "EXEC spotify.load_features @run_id = ?, @features_limit = ?",
                self._run_id,
                self._limit,
            )
            counts = cursor.fetchone()
            cursor.nextset()
            versions = {row.scope: row.version for row in cursor.fetchall()}
        self._close()
        return _merged(counts, versions, epoch.epoch if epoch else "")

    def abandon(self) -> None:
        if self._connection is None:
            return
        with self._driver():
            runs = features_staging.c.run_id
            self._opened().execute(sa.delete(features_staging).where(runs == self._run_id))
        self._close()

    def _opened(self) -> sa.Connection:
        """A connection of the load's own, without a limit of time, each statement committed."""
        if self._connection is None:
            self._connection = self._engine.connect()
            self._connection.detach()
            driver: Any = self._connection.connection.dbapi_connection
            driver.timeout = 0
            driver.autocommit = True
        return self._connection

    @contextmanager
    def _driver(self) -> Iterator[Any]:
        with translated():
            connection = self._opened()
            try:
                yield connection.connection.dbapi_connection
            except self._engine.dialect.loaded_dbapi.Error as error:
                raise sa.exc.DBAPIError.instance(
                    "spotify.load_features", None, error, self._engine.dialect.loaded_dbapi.Error
                ) from error
            finally:
                connection.rollback()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _merged(counts: Any, versions: Mapping[str, int], epoch: str) -> Merged:
    return Merged(
        counts.inserted,
        counts.updated,
        counts.unchanged,
        counts.duplicates,
        {scope: Version(epoch, number) for scope, number in versions.items()},
    )


def _text(value: float | str | None) -> str:
    """What the procedure reads back as the same value: NULL would mean a field that is missing."""
    return "" if value is None else str(value)


def _widths(rows: Sequence[tuple[str, ...]]) -> list[int]:
    """The widest value of each column, in UTF-16 units at most."""
    return [2 * max(map(len, column)) or 1 for column in zip(*rows, strict=True)]


def _insertion(table: sa.Table, columns: Sequence[str], dialect: sa.Dialect) -> str:
    # Not inline, it would answer each row's identity: the driver's executemany then loses rows.
    return str(sa.insert(table).inline().compile(dialect=dialect, column_keys=list(columns)))
