"""Which errors of a driver mean that the database is unavailable, and which may not come again."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
import stamina

from shared.errors import DatabaseUnavailable
from shared.repository.sql_server_errors import (
    BUSY,
    NOT_MIGRATED,
    STORES_NOTHING,
    UNREACHABLE,
    Kind,
    kind_of,
)

_CONNECTION_STATES: Final = frozenset({"08001", "08S01", "08003", "08007", "HYT00", "HYT01"})
"""SQLSTATEs of a connection that broke or was not made, and of an answer that came too late."""

_DAMAGED: Final = "The database's file is damaged, or is no database."

_UNUSABLE_FILE: Final = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_NOMEM: BUSY,
    sqlite3.SQLITE_PROTOCOL: BUSY,
    sqlite3.SQLITE_READONLY: STORES_NOTHING,
    sqlite3.SQLITE_FULL: STORES_NOTHING,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: UNREACHABLE,
    sqlite3.SQLITE_CANTOPEN: UNREACHABLE,
}
"""SQLite's result codes of a file that cannot be used now, with the detail of the 503."""

_NATIVE_NUMBER: Final = re.compile(r"\((\d+)\)(?= \(SQL|; \[|$)")
"""SQL Server's numbers in a message of pyodbc, which joins several errors:
`[28000] ... Login failed. (18456) (SQLDriverConnect); [42000] ... Cannot open database. (4060)`."""

_NO_SUCH_IN_SQLITE: Final = re.compile(r"no such (table|column)|has no column named")
_STATEMENT_TIMEOUT: Final = "HYT00"
_TOO_LATE: Final = "The database did not answer in time."


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
    kind = _kind(error)
    return kind.transient if kind else error.connection_invalidated


@contextmanager
def translate_driver_errors() -> Iterator[None]:
    """Raise DatabaseUnavailable in place of driver errors that mean so; also a decorator.

    Other driver errors are bugs of ours and stay as they are, for the log.
    """
    try:
        yield
    except (sa.exc.TimeoutError, OSError) as error:
        raise DatabaseUnavailable from error
    except (sa.exc.NoResultFound, sa.exc.MultipleResultsFound) as error:  # of the one epoch
        raise DatabaseUnavailable(NOT_MIGRATED) from error
    except sa.exc.DBAPIError as error:
        if unavailable := _unavailable(error):
            raise unavailable from error
        raise


def _unavailable(error: sa.exc.DBAPIError) -> DatabaseUnavailable | None:
    if isinstance(error.orig, sqlite3.Error):
        return _unusable_file(error.orig)
    if kind := _kind(error):
        return DatabaseUnavailable(kind.detail)
    state = _sql_state(error.orig)
    if error.statement is None:  # it failed to connect
        return DatabaseUnavailable()
    if state == _STATEMENT_TIMEOUT:
        return DatabaseUnavailable(_TOO_LATE)
    if error.connection_invalidated or state in _CONNECTION_STATES:
        return DatabaseUnavailable()
    return None


def _unusable_file(error: sqlite3.Error) -> DatabaseUnavailable | None:
    if _NO_SUCH_IN_SQLITE.search(str(error)):
        return DatabaseUnavailable(NOT_MIGRATED)
    detail = _UNUSABLE_FILE.get(primary_code(error))
    return DatabaseUnavailable(detail) if detail else None


def _kind(error: sa.exc.DBAPIError) -> Kind | None:
    """What SQL Server's numbers mean; pyodbc has them only in the message."""
    message = str(error.orig.args[-1]) if error.orig and error.orig.args else ""
    return kind_of({int(number) for number in _NATIVE_NUMBER.findall(message)})


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension (sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _sql_state(error: BaseException | None) -> str:
    return str(error.args[0]) if error is not None and error.args else ""
