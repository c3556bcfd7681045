"""Which errors of a driver mean that the database is unavailable, and which may not come again."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
import stamina

from shared.errors import DatabaseUnavailable

_TRANSIENT_NUMBERS: Final = frozenset(
    # Azure SQL's own list (Microsoft Learn: troubleshoot-common-connectivity-issues).
    {926, 4060, 40197, 40501, 40613, 49918, 49919, 49920, 4221, 615}
    # SqlClient's list; 1205 is the victim of a deadlock, 1222 a lock timeout.
    | {233, 997, 1204, 1205, 1222, 10928, 10929, 40143, 40540, 42108, 42109}
    # EF Core's additions: broken sockets, and the aborts of memory-optimised tables.
    | {20, 64, 121, 10053, 10054, 10060, 41301, 41302, 41305, 41325, 41839}
    # No memory in time, a snapshot that was too old, the limit of requests (Database errors).
    | {8628, 8645, 8651, 3960, 3966, 10936}
)
"""Errors of SQL Server after which the same transaction may succeed on a new connection."""

_UNUSABLE_NUMBERS: Final = frozenset({1105, 3906, 9002, 40544, 40549, 40550, 40551, 40552, 40553})
"""The database is full or read-only (the secondary of a failover group), or Azure SQL has ended the
session for what it used: a second attempt does not help."""

_NOT_ALLOWED_NUMBERS: Final = frozenset({229, 230, 262, 297, 300, 916})
"""A permission is missing."""

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
"""SQL Server's number in a message of the driver: `... (40613) (SQLExecDirectW)`."""

_NO_SUCH_TABLE: Final = 208
_NOT_MIGRATED: Final = "The database is not set up: its migrations have not run."
_NOT_ALLOWED: Final = "The database is not set up: this identity lacks a role in it."


def retry_transient[**P, T](transaction: Callable[P, T]) -> Callable[P, T]:
    """Decorator: run a transaction up to three times, within two seconds, after transient errors.

    Only for one that has not committed when it raises.
    """
    return stamina.retry(
        on=_is_transient, attempts=3, timeout=2.0, wait_initial=0.05, wait_jitter=0.1, wait_max=0.5
    )(transaction)


def _is_transient(error: Exception) -> bool:
    if not isinstance(error, sa.exc.DBAPIError) or error.orig is None:
        return False
    if isinstance(error.orig, sqlite3.Error):
        return False  # SQLite has waited for the lock already
    return error.connection_invalidated or _has_number(error, _TRANSIENT_NUMBERS)


@contextmanager
def translate_driver_errors() -> Iterator[None]:
    """Raise DatabaseUnavailable in place of driver errors that mean so; also a decorator.

    Other driver errors are bugs of ours and stay as they are, for the log.
    """
    try:
        yield
    except (sa.exc.TimeoutError, OSError) as error:
        raise DatabaseUnavailable from error
    except sa.exc.DBAPIError as error:
        if _is_not_migrated(error):
            raise DatabaseUnavailable(_NOT_MIGRATED) from error
        if _has_number(error, _NOT_ALLOWED_NUMBERS):
            raise DatabaseUnavailable(_NOT_ALLOWED) from error
        if _is_unavailable(error):
            raise DatabaseUnavailable from error
        raise


def _is_unavailable(error: sa.exc.DBAPIError) -> bool:
    if error.connection_invalidated or error.statement is None:  # None: it failed to connect
        return True
    if isinstance(error.orig, sqlite3.Error):
        return primary_code(error.orig) in _UNUSABLE_FILE
    if _sql_state(error.orig) in _CONNECTION_STATES:
        return True
    return _has_number(error, _TRANSIENT_NUMBERS | _UNUSABLE_NUMBERS)


def _is_not_migrated(error: sa.exc.DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return "no such table" in str(error.orig)
    return _has_number(error, frozenset({_NO_SUCH_TABLE}))


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension (sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _has_number(error: sa.exc.DBAPIError, numbers: frozenset[int]) -> bool:
    """Whether the error has one of SQL Server's numbers, which pyodbc has only in the message."""
    found = _NATIVE_NUMBER.findall(str(error.orig))
    return not numbers.isdisjoint(map(int, found))


def _sql_state(error: BaseException | None) -> str:
    return str(error.args[0]) if error is not None and error.args else ""
