"""SQL Server takes keys of 900 bytes where the rows lie in their order, else of 1,700.

Microsoft Learn, "Maximum capacity specifications": bytes per index key. A longer key is made with a
warning, and a row that uses its length is an error. A primary key is clustered by default, a unique
constraint and an index are not.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from shared.repository import migrations
from shared.repository.tables import metadata

CLUSTERED, OTHER = 900, 1700
PROCEDURES = sorted((Path(migrations.__path__[0]) / "versions").glob("*.sql"))
BYTES = {"int": 4, "integer": 4, "bigint": 8, "float": 8, "float(53)": 8}
_TABLE = re.compile(r"(?s)(?:CREATE TABLE|DECLARE) ([#@]\w+) (?:TABLE )?\((.*?)\n? *\);")
_COLUMN = re.compile(r"(?i)(\[?\w+\]?) (bigint|int|float|nvarchar\(\w+\))([^,]*)")
_COMPOSITE = re.compile(r"PRIMARY KEY \(([^)]*)\)")


def size(kind: str) -> int:
    """The bytes of a value, at most."""
    found = re.match(r"(?i)nvarchar\((\d+)\)", kind)
    return 2 * int(found[1]) if found else BYTES[kind.lower()]


def size_of(column: sa.Column[Any]) -> int:
    dialect: Any = mssql.dialect
    return size(column.type.dialect_impl(dialect()).compile(dialect=dialect()))


def keys_of(table: sa.Table) -> Iterator[tuple[str, int, int]]:
    """(name, bytes, limit) of the keys and indexes that a table has on SQL Server."""
    for constraint in table.constraints:
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            total = sum(map(size_of, constraint.columns))
            clustered = isinstance(constraint, sa.PrimaryKeyConstraint)
            yield str(constraint.name), total, CLUSTERED if clustered else OTHER
    for index in table.indexes:
        yield str(index.name), sum(map(size_of, index.columns)), OTHER


def keys_in(procedure: str) -> Iterator[tuple[str, int, int]]:
    """(table, bytes, limit) of the keys of the temporary tables that a procedure makes."""
    for name, columns in _TABLE.findall(procedure):
        sizes = {column: size(kind) for column, kind, _ in _COLUMN.findall(columns)}
        for key in _COMPOSITE.findall(columns):
            yield name, sum(sizes[column] for column in key.split(", ")), CLUSTERED
        for _, kind, rest in _COLUMN.findall(_COMPOSITE.sub("", columns)):
            words = rest.upper()
            if "PRIMARY KEY" in words or "UNIQUE" in words:
                clustered = "PRIMARY KEY" in words and "NONCLUSTERED" not in words
                yield name, size(kind), CLUSTERED if clustered else OTHER
        assert not re.search(r"(?im)(^|,)\s*(unique|index|constraint)\b", columns)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_the_keys_of_a_table_are_short_enough(table: sa.Table) -> None:
    found = list(keys_of(table))
    assert found
    assert [key for key in found if key[1] > key[2]] == []


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda path: path.name)
def test_the_keys_of_temporary_tables_are_short_enough(path: Path) -> None:
    procedure = path.read_text("utf-8")
    tables = re.findall(r"CREATE TABLE (#\w+)", procedure)
    assert [name for name, _ in _TABLE.findall(procedure) if name.startswith("#")] == tables
    assert "CREATE INDEX" not in procedure
    assert [key for key in keys_in(procedure) if key[1] > key[2]] == []


def test_a_key_that_is_too_long_is_found() -> None:
    clustered = "CREATE TABLE #a (\n    word nvarchar(451) NOT NULL PRIMARY KEY\n);"
    assert list(keys_in(clustered)) == [("#a", 902, CLUSTERED)]
    other = "CREATE TABLE #a (\n    word nvarchar(600) NOT NULL PRIMARY KEY NONCLUSTERED\n);"
    assert list(keys_in(other)) == [("#a", 1200, OTHER)]
    composite = "CREATE TABLE #a (a nvarchar(450), b int, PRIMARY KEY (a, b));"
    assert list(keys_in(composite)) == [("#a", 904, CLUSTERED)]
