"""The embedded database: one file in WAL mode: readers and a writer never block each other."""

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from shared.repository.database_clock import add_clock
from shared.repository.driver_errors import primary_code
from shared.repository.statements import RAISED_VERSION
from shared.repository.tables import SCHEMA

IMMEDIATE: Final[Mapping[str, Any]] = {"sqlite_begin": "BEGIN IMMEDIATE"}
"""Execution options of a transaction that writes: it takes the write lock at its begin. One that
reads first fails at once when it writes after another writer has committed."""

BUSY_SECONDS: Final = 5.0
"""How long a writer waits for the write lock; a load holds it for at most two seconds."""

_FILE: Final = "file"
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",  # NORMAL may lose commits when the power fails
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",  # KiB
)


def sqlite_engine(
    path: Path,
    connections: int,
    *,
    busy_seconds: float = BUSY_SECONDS,
) -> sa.Engine:
    """An engine on one file, which is created with its folder at the first connection."""
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: _connect(path, busy_seconds),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=-1,
        hide_parameters=True,
        execution_options={"schema_translate_map": {SCHEMA: None}},
    )
    sa.event.listen(engine, "connect", lambda _, entry: _remember_file(path, entry))
    sa.event.listen(engine, "checkout", lambda _, entry, __: _check_file(path, entry))
    sa.event.listen(engine, "begin", _begin)
    return engine


def raise_each(connection: sa.Connection, scopes: Sequence[str]) -> dict[str, int]:
    """Raise the versions of these scopes in their order, and return them."""
    raised = ((scope, connection.scalar(RAISED_VERSION, {"raised": scope})) for scope in scopes)
    return {scope: number for scope, number in raised if number is not None}


def as_json(rows: sa.Select[Any]) -> sa.Select[Any]:
    """Return the rows (id, JSON of the other columns), unless one of these is REAL.

    The driver then makes two objects for a row, not one for each column, and Python no dictionary.
    SQLite's JSON has 15 digits of a REAL, too few for some.
    """
    identity, *columns = rows.selected_columns
    if any(isinstance(column.type, sa.Float) for column in columns):
        return rows
    pairs = chain.from_iterable((column.name, column) for column in columns)
    record = sa.cast(sa.func.json_object(*pairs), sa.LargeBinary)
    return rows.with_only_columns(identity, record)


def _connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path.absolute(),  # SQLite may read a relative `file:data?mode=memory` as a URI
        timeout=busy_seconds,
        isolation_level=None,  # the driver must not begin transactions on its own
        check_same_thread=False,  # a snapshot moves between threads, one at a time
    )
    try:
        _write_ahead(connection, busy_seconds)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    add_clock(connection)
    return connection


def _remember_file(path: Path, entry: ConnectionPoolEntry) -> None:
    entry.info[_FILE] = _file(path)


def _check_file(path: Path, entry: ConnectionPoolEntry) -> None:
    """Replace the pool's connections when the path has become another file, such as a backup.

    They would stay with the file that they opened: what they write would be lost.
    """
    if entry.info[_FILE] != _file(path):
        raise sa.exc.InvalidatePoolError


def _file(path: Path) -> tuple[int, int] | None:
    """Which file has this path; None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _write_ahead(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Set a file to WAL mode, trying again while another process writes to it.

    SQLite itself does not wait here: a connection that has begun to read is refused the write lock
    at once (sqlite.org/c3ref/busy_handler.html).
    """
    retrying = Retrying(
        retry=retry_if_exception(_is_busy),
        wait=wait_random(0.005, 0.02),
        stop=stop_after_delay(busy_seconds),
        reraise=True,
    )
    retrying(connection.execute, "PRAGMA journal_mode = WAL")


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) and primary_code(error) == sqlite3.SQLITE_BUSY


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN"))
