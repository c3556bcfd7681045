"""The database's own clock as an SQL expression: no version depends on an instance's clock."""

import sqlite3
import time
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_SQLITE_CLOCK: Final = "database_clock_ms"


def add_clock(connection: sqlite3.Connection) -> None:
    """Give a connection to SQLite the function that `clock_ms` compiles to."""
    connection.create_function(_SQLITE_CLOCK, 0, lambda: time.time_ns() // 1_000_000)


class clock_ms(FunctionElement[int]):  # noqa: N801 (named as the SQL function it stands for)
    """Milliseconds since 1970, UTC."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(clock_ms, "sqlite")
def _sqlite(element: clock_ms, compiler: SQLCompiler, **kw: Any) -> str:
    del element, compiler, kw
    return f"{_SQLITE_CLOCK}()"


@compiles(clock_ms, "mssql")
def _mssql(element: clock_ms, compiler: SQLCompiler, **kw: Any) -> str:
    del element, compiler, kw
    return "DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())"
