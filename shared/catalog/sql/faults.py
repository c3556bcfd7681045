"""Which errors of a driver mean that the database is away, and which of them may pass."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
import stamina

from shared.errors import DatabaseAway

TRANSIENT_NUMBERS: Final = frozenset(
    # Azure SQL's own list (Microsoft Learn: troubleshoot-common-connectivity-issues).
    {926, 4060, 40197, 40501, 40613, 49918, 49919, 49920, 4221, 615}
    # SqlClient's list; 1205 is the victim of a deadlock, 1222 a lock timeout.
    | {233, 997, 1204, 1205, 1222, 10928, 10929, 40143, 40540, 42108, 42109}
    # EF Core's additions: broken sockets, and the aborts of memory-optimised tables.
    | {20, 64, 121, 10053, 10054, 10060, 41301, 41302, 41305, 41325, 41839}
)
"""Errors of SQL Server after which the same transaction may succeed on a new connection."""

_CONNECTION_STATES: Final = frozenset({"08001", "08S01", "08003", "08007", "HYT00", "HYT01"})
"""SQLSTATEs of a connection that broke or was not made, and of an answer that came too late."""

_UNUSABLE_FILE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
_NATIVE_NUMBER: Final = re.compile(r"\((\d+)\) \(SQL")
_NO_SUCH_TABLE: Final = 208
_NOT_MIGRATED: Final = "The database is not set up: its migrations have not run."


def transient(error: Exception) -> bool:
    """Whether the same transaction, not yet committed, may succeed on a new connection."""
    if not isinstance(error, sa.exc.DBAPIError) or error.orig is None:
        return False
    if isinstance(error.orig, sqlite3.Error):
        return False  # SQLite has waited for the lock already
    return error.connection_invalidated or not TRANSIENT_NUMBERS.isdisjoint(_numbers(error.orig))


def retrying[T](work: Callable[[], T]) -> T:
    """Run a transaction again, within two seconds, when a transient fault undid it.

    Only for work that did not commit when it raises.
    """
    for attempt in stamina.retry_context(
        on=transient, attempts=3, timeout=2.0, wait_initial=0.05, wait_jitter=0.1, wait_max=0.5
    ):
        with attempt:
            return work()
    raise AssertionError  # pragma: no cover (the last attempt returns or raises)


@contextmanager
def translated() -> Iterator[None]:
    """Raise DatabaseAway in place of what a driver raises when the database is away.

    What is left is a fault of ours, for the log.
    """
    try:
        yield
    except (sa.exc.TimeoutError, OSError) as error:
        raise DatabaseAway from error
    except sa.exc.DBAPIError as error:
        if _not_migrated(error):
            raise DatabaseAway(_NOT_MIGRATED) from error
        if _away(error):
            raise DatabaseAway from error
        raise


def _away(error: sa.exc.DBAPIError) -> bool:
    if error.connection_invalidated or error.statement is None:  # None: it failed to connect
        return True
    if isinstance(error.orig, sqlite3.Error):
        return _primary_code(error.orig) in _UNUSABLE_FILE
    return transient(error) or _state(error.orig) in _CONNECTION_STATES


def _not_migrated(error: sa.exc.DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return "no such table" in str(error.orig)
    return error.orig is not None and _NO_SUCH_TABLE in _numbers(error.orig)


def _primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension (sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _numbers(error: BaseException) -> set[int]:
    """SQL Server's numbers of a pyodbc error, which stand only in its text."""
    return {int(number) for number in _NATIVE_NUMBER.findall(str(error))}


def _state(error: BaseException | None) -> str:
    return str(error.args[0]) if error is not None and error.args else ""
