"""Azure SQL, or any SQL Server, through Microsoft's ODBC driver."""

from typing import Final

import sqlalchemy as sa

LOGIN_SECONDS: Final = 5
QUERY_SECONDS: Final = 10
RECYCLE_SECONDS: Final = 25 * 60
"""Azure SQL's gateway cuts connections that were idle for 30 minutes."""


def azure_engine(odbc: str, connections: int) -> sa.Engine:
    """An engine on an ODBC connection string; the pool is SQLAlchemy's, not the driver manager's.

    unixODBC's pool would hand out broken connections behind the pre-ping.
    """
    import pyodbc  # noqa: PLC0415 (the embedded database needs no ODBC driver manager)

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
    sa.event.listen(engine, "connect", _limit_queries)
    return engine


def _limit_queries(connection: "object", record: object) -> None:
    del record
    connection.timeout = QUERY_SECONDS  # type: ignore[attr-defined]  # pyodbc has no types
