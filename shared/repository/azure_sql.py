"""Azure SQL, or any SQL Server, through Microsoft's ODBC driver."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from shared.repository.sql_sign_in import Credential, sign_in_with_tokens, signs_in_itself

LOGIN_SECONDS: Final = 5
QUERY_SECONDS: Final = 10
RECYCLE_SECONDS: Final = 25 * 60
"""Azure SQL's gateway cuts connections that were idle for 30 minutes."""

_LEVEL: Final = "SET TRANSACTION ISOLATION LEVEL"
_AT_SNAPSHOT: Final = "isolation level is SNAPSHOT"


def azure_engine(odbc: str, connections: int, credential: Credential | None = None) -> sa.Engine:
    """An engine on an ODBC connection string; the pool is SQLAlchemy's, not the driver manager's.

    unixODBC's pool would hand out broken connections behind the pre-ping. A string that does not
    say how to sign in gets tokens from `credential`, or else of the identity that this runs as.
    """
    import pyodbc

    pyodbc.pooling = False
    engine = sa.create_engine(
        sa.URL.create("mssql+pyodbc", query={"odbc_connect": odbc}),
        connect_args={"timeout": LOGIN_SECONDS},
        pool_size=connections,
        max_overflow=-1,
        pool_pre_ping=True,
        pool_recycle=RECYCLE_SECONDS,
        hide_parameters=True,
    )
    if not signs_in_itself(odbc):
        sign_in_with_tokens(engine, credential)
    sa.event.listen(engine, "connect", _limit_queries)
    sa.event.listen(engine, "checkin", _read_committed_again)
    return engine


def read_one_state(connection: sa.Connection) -> None:
    """Let the connection's transactions see one state of the database, until it is returned.

    Needs ALLOW_SNAPSHOT_ISOLATION, which is on in Azure SQL. The level holds for transactions that
    begin under it (Microsoft Learn: SET TRANSACTION ISOLATION LEVEL), and the pool's ping may have
    begun one. SQLAlchemy's own isolation_level would need rights on a management view.
    """
    driver: Any = connection.connection.driver_connection
    driver.rollback()
    driver.execute(f"{_LEVEL} SNAPSHOT")
    driver.commit()
    connection.info[_AT_SNAPSHOT] = True


def _read_committed_again(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    if connection is None or not entry.info.pop(_AT_SNAPSHOT, False):
        return
    try:
        connection.cursor().execute(f"{_LEVEL} READ COMMITTED")
        connection.commit()
    except Exception as error:  # noqa: BLE001 (whatever it was, nobody may use this connection)
        entry.invalidate(error)


def _limit_queries(connection: Any, entry: ConnectionPoolEntry) -> None:
    del entry
    connection.timeout = QUERY_SECONDS
