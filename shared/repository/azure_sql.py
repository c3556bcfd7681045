"""Azure SQL, or any SQL Server, through Microsoft's ODBC driver."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from shared.repository.sql_sign_in import Credential, sign_in_with_tokens, signs_in_itself
from shared.repository.statements import RAISE_VERSION, VERSIONS_OF
from shared.runtime import boottime

LOGIN_SECONDS: Final = 5
QUERY_SECONDS: Final = 10
RECYCLE_SECONDS: Final = 25 * 60
"""Azure SQL's gateway closes connections that were idle for 30 minutes."""

PING_SECONDS: Final = 30
"""A connection that was idle for longer is tried before its use, which costs a round trip. If one
breaks in less, its first statement fails, and the transaction is repeated (retry_transient)."""

_RETURNED: Final = "returned to the pool at"

_LEVEL: Final = "SET TRANSACTION ISOLATION LEVEL"
_AT_SNAPSHOT: Final = "isolation level is SNAPSHOT"
_LOCK: Final = """\
DECLARE @granted int;
EXEC @granted = sp_getapplock @Resource = ?, @LockMode = 'Exclusive', @LockOwner = ?,
    @LockTimeout = ?;
SELECT @granted;"""

type LockOwner = Literal["Session", "Transaction"]


def azure_engine(odbc: str, connections: int, credential: Credential | None = None) -> sa.Engine:
    """An engine on an ODBC connection string, which keeps so many connections.

    The pool is SQLAlchemy's: unixODBC's own would return broken connections despite the ping. If
    the string does not say how to sign in, each connection gets a token from `credential`, by
    default of the identity that the process runs as.
    """
    import pyodbc

    pyodbc.pooling = False
    engine = sa.create_engine(
        sa.URL.create("mssql+pyodbc", query={"odbc_connect": odbc}),
        connect_args={"timeout": LOGIN_SECONDS},
        pool_size=connections,
        max_overflow=-1,
        pool_recycle=RECYCLE_SECONDS,
        hide_parameters=True,
    )
    if not signs_in_itself(odbc):
        sign_in_with_tokens(engine, credential)
    sa.event.listen(engine, "connect", _limit_queries)
    sa.event.listen(engine, "checkin", _read_committed_again)
    sa.event.listen(engine, "checkin", _note_return)
    sa.event.listen(engine, "checkout", partial(_try_if_idle, engine.dialect))
    return engine


def read_one_state(connection: sa.Connection) -> None:
    """Set a connection to isolation level SNAPSHOT until it is returned to the pool.

    Needs ALLOW_SNAPSHOT_ISOLATION, which is on in Azure SQL. The level applies to transactions that
    begin after it is set (Microsoft Learn: SET TRANSACTION ISOLATION LEVEL); the pool's ping may
    have begun one already, hence the commit. SQLAlchemy's isolation_level would need permission
    to read a management view.
    """
    connection.exec_driver_sql(f"{_LEVEL} SNAPSHOT")
    connection.commit()
    connection.info[_AT_SNAPSHOT] = True


def raise_in_one_batch(connection: sa.Connection, scopes: Sequence[str]) -> dict[str, int]:
    """Raise the versions of these scopes in their order, and read them, in one round trip."""
    text = _raising(connection.dialect, len(scopes))
    rows = connection.exec_driver_sql(text, (*scopes, *scopes)).all()
    return {row[0]: row[1] for row in rows}


@cache
def _raising(dialect: sa.Dialect, count: int) -> str:
    """A batch for so many scopes; without NOCOUNT each UPDATE would have a result of its own."""
    marks = VERSIONS_OF.params(scopes=[""] * count)
    read = marks.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    raised = RAISE_VERSION.compile(dialect=dialect)
    return ";\n".join(["SET NOCOUNT ON", *map(str, [raised] * count), str(read)])


def skip_messages(cursor: Any) -> Any:
    """Move a cursor to the next result that has rows, and return it.

    What PRINT says, and a warning such as "Null value is eliminated by an aggregate", is a result
    without rows for the driver (pyodbc reports it as "No results").
    """
    while cursor.description is None and cursor.nextset():
        pass
    return cursor


def take_lock(driver: Any, resource: str, owner: LockOwner, seconds: float) -> int:
    """Take an application lock on the driver's connection, until its `owner` ends.

    Return what sp_getapplock returns: negative where the lock was not granted, which no driver
    raises, and -1 where that is because another one held it for `seconds`.
    """
    cursor = driver.execute(_LOCK, resource, owner, round(seconds * 1000))
    return int(skip_messages(cursor).fetchval())


def _read_committed_again(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    if connection is None or not entry.info.pop(_AT_SNAPSHOT, False):
        return
    try:
        connection.cursor().execute(f"{_LEVEL} READ COMMITTED")
        connection.commit()
    except Exception as error:  # noqa: BLE001 (after any error the connection is unusable)
        entry.invalidate(error)


def _note_return(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    del connection
    entry.info[_RETURNED] = boottime()


def _try_if_idle(
    dialect: sa.Dialect, connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object
) -> None:
    """Replace the pool's connections if this one was idle for long, and is broken."""
    now = boottime()
    if now - entry.info.get(_RETURNED, now) <= PING_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise sa.exc.InvalidatePoolError from error


def _limit_queries(connection: Any, entry: ConnectionPoolEntry) -> None:
    del entry
    connection.timeout = QUERY_SECONDS
