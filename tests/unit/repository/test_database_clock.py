"""The number that a write gives to a list, as SQL Server computes it (docs/protocol.md, rule 2)."""

import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy.dialects import mssql

from shared.repository.statements import RAISE_VERSION

CLOCK = 7


@pytest.mark.parametrize(("version", "number"), [(5, 7), (6, 7), (7, 8), (8, 9), (9, 10)])
def test_two_writes_in_one_millisecond_get_two_numbers(version: int, number: int) -> None:
    """T-SQL's CASE is also SQLite's, once the clock and the version are numbers."""
    dialect: Any = mssql.dialect  # it has no types
    statement = str(RAISE_VERSION.compile(dialect=dialect()))
    found = re.search(r"SET version=(CASE .* END) WHERE", statement)
    assert found is not None
    clock = "DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())"
    expression = found[1].replace(clock, str(CLOCK))
    expression = expression.replace("spotify.cache_version.version", str(version))
    query = f"SELECT {expression}"
    with closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute(query).fetchone() == (number,)
