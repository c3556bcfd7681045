"""The database's own clock, as an SQL expression: versions never trust an instance's clock."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

SQLITE_CLOCK = "database_clock_ms"
"""The function that each SQLite connection gets: the embedded database has no other clock."""


class clock_ms(FunctionElement[int]):  # noqa: N801 (named as the SQL function it stands for)
    """Milliseconds since 1970, UTC."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(clock_ms, "sqlite")
def _sqlite(element: clock_ms, compiler: SQLCompiler, **kw: Any) -> str:
    del element, compiler, kw
    return f"{SQLITE_CLOCK}()"


@compiles(clock_ms, "mssql")
def _mssql(element: clock_ms, compiler: SQLCompiler, **kw: Any) -> str:
    del element, compiler, kw
    return "DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())"
