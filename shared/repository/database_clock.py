"""The database's own clock in SQL: no version depends on an instance's clock."""

import sqlite3
import time
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_SQLITE_CLOCK: Final = "database_clock_ms"
_MSSQL_NOW: Final = "DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())"


def add_clock(connection: sqlite3.Connection) -> None:
    """Give a connection to SQLite the function that the expressions below call."""
    connection.create_function(_SQLITE_CLOCK, 0, lambda: time.time_ns() // 1_000_000)


class clock_ms(FunctionElement[int]):  # noqa: N801 (named as the SQL function it stands for)
    """Milliseconds since 1970, UTC."""

    type = sa.BigInteger()
    inherit_cache = True


class next_version(FunctionElement[int]):  # noqa: N801 (as above)
    """max(version + 1, the clock): no number comes twice, not even after a restore of a backup.

    The clock is named once (docs/protocol.md, rule 2): SQLite calls its function again for each
    mention, and SQL Server may read a runtime constant once for each mention, not for each query.
    """

    type = sa.BigInteger()
    inherit_cache = True


@compiles(clock_ms, "sqlite")
def _sqlite_clock(element: clock_ms, compiler: SQLCompiler, **kw: Any) -> str:
    del element, compiler, kw
    return f"{_SQLITE_CLOCK}()"


@compiles(clock_ms, "mssql")
def _mssql_clock(element: clock_ms, compiler: SQLCompiler, **kw: Any) -> str:
    del element, compiler, kw
    return _MSSQL_NOW


@compiles(next_version, "sqlite")
def _sqlite_next(element: next_version, compiler: SQLCompiler, **kw: Any) -> str:
    version = compiler.process(element.clauses, **kw)
    return f"max({version} + 1, {_SQLITE_CLOCK}())"


@compiles(next_version, "mssql")
def _mssql_next(element: next_version, compiler: SQLCompiler, **kw: Any) -> str:
    version = compiler.process(element.clauses, **kw)
    # GREATEST would need SQL Server 2022.
    numbers = f"SELECT {version} + 1 AS number UNION ALL SELECT {_MSSQL_NOW}"
    return f"(SELECT MAX(number) FROM ({numbers}) AS numbers)"  # noqa: S608 - no values
