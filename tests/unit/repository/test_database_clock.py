"""The number that a write gives to a list, and how often it reads the clock (rule 2)."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, sqlite

from shared.repository import migrations, statements
from shared.repository.statements import NEW_SCOPE, RAISE_VERSION, RAISED_VERSION

PROCEDURES = [
    path
    for path in sorted((Path(migrations.__path__[0]) / "versions").glob("*.sql"))
    if "cache_version" in path.read_text("utf-8")
]
MERGE = [path for path in PROCEDURES if "merge" in path.name][-1].read_text("utf-8")
MSSQL_CLOCK = "DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())"
CLOCKS = re.compile(
    r"(?i)\b(?:SYS(?:UTC)?DATETIME(?:OFFSET)?|GET(?:UTC)?DATE|CURRENT_TIMESTAMP|database_clock_ms)\b"
)
DIALECTS = {"mssql": mssql.dialect, "sqlite": sqlite.dialect}
STATEMENTS = {
    name: value for name, value in vars(statements).items() if isinstance(value, sa.Executable)
}


def compiled(statement: Any, dialect: str) -> str:
    make: Any = DIALECTS[dialect]
    return str(statement.compile(dialect=make()))


def on_sqlite(expression: str, clock: Callable[[], int], **columns: int) -> int:
    """The value of an expression of T-SQL that SQLite understands, too."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("clock", 0, clock)
        row = connection.execute(f"SELECT {expression}", columns).fetchone()
        return int(row[0])


def raised(version: int, clock: Callable[[], int]) -> int:
    """What RAISE_VERSION makes of a version on SQL Server."""
    text = compiled(RAISE_VERSION, "mssql")
    found = re.search(r"SET version=(.*) WHERE", text)
    assert found is not None
    expression = found[1].replace(MSSQL_CLOCK, "clock()")
    expression = expression.replace("spotify.cache_version.version", ":version")
    return on_sqlite(expression, clock, version=version)


@pytest.mark.parametrize(("version", "number"), [(5, 7), (6, 7), (7, 8), (8, 9), (9, 10)])
def test_two_writes_in_one_millisecond_get_two_numbers(version: int, number: int) -> None:
    assert raised(version, lambda: 7) == number


def test_a_version_goes_up_though_the_clock_steps_back_between_two_readings() -> None:
    """With two readings, 7 <= 9 would be decided by the first and 5 be stored by the second."""
    readings = iter([9, 5, 5])
    assert raised(7, lambda: next(readings)) == 9


@pytest.mark.parametrize(("version", "number"), [(5, 7), (6, 7), (7, 8), (8, 9), (9, 10)])
def test_a_load_gives_every_list_the_greater_of_the_next_number_and_its_one_reading(
    version: int, number: int
) -> None:
    expressions = re.findall(r"SET version = (CASE .*? END)\b", MERGE)
    assert len(expressions) == 2
    for expression in expressions:
        text = expression.replace("v.version", ":version").replace("@now", ":now")
        assert on_sqlite(text, lambda: 0, version=version, now=7) == number


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_names_the_clock_at_most_once(name: str, dialect: str) -> None:
    found = CLOCKS.findall(compiled(STATEMENTS[name], dialect))
    assert len(found) == (STATEMENTS[name] in {RAISE_VERSION, RAISED_VERSION, NEW_SCOPE})


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda path: path.name)
def test_a_procedure_reads_the_clock_once_into_a_variable(path: Path) -> None:
    lines = [line for line in path.read_text("utf-8").splitlines() if CLOCKS.search(line)]
    assert [line.strip() for line in lines] == (
        [f"SET @now = {MSSQL_CLOCK};"] if "merge" in path.name else []
    )
