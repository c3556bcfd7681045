"""Both kinds of lists are read from an index in their order, without sorting."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shared.repository.sqlite import sqlite_engine
from shared.repository.statements import rows_of
from shared.tracks.genres import ALL
from shared.tracks.track import View

LISTS = list(product([ALL, "Pop"], View))
every_list = pytest.mark.parametrize(
    ("scope", "view"), LISTS, ids=[f"{scope}-{view.name}" for scope, view in LISTS]
)


@every_list
def test_sqlite_reads_a_list_in_the_order_of_an_index(
    sqlite_file: Path, scope: str, view: View
) -> None:
    """A scan of the table is in the order of the id (sqlite.org/rowidtable.html)."""
    engine = sqlite_engine(sqlite_file, 1)
    with engine.connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", _explained, retval=True)
        plan = connection.execute(rows_of(scope, view, 100_000)).cursor.fetchall()
    engine.dispose()
    of_a_genre = "SEARCH features USING INDEX ix_features_genre_id (genre=?)"
    steps = [step[-1].replace("main.", "") for step in plan]
    assert steps == ["SCAN features" if scope == ALL else of_a_genre]


def _explained(
    connection: sa.Connection, cursor: Any, statement: str, values: Any, *_: Any
) -> tuple[str, Any]:
    del connection, cursor
    return f"EXPLAIN QUERY PLAN {statement}", values


@pytest.mark.tsql
@every_list
def test_a_t_sql_server_sorts_no_list(tsql_engine: sa.Engine, scope: str, view: View) -> None:
    # Without statistics a table looks small, and all its rows may be sorted; a few are not.
    statement = rows_of(scope, view, 10)
    text = str(statement.compile(tsql_engine, compile_kwargs={"literal_binds": True}))
    with tsql_engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("SET SHOWPLAN_ALL ON")
        plan = [str(row[0]) for row in driver.execute(text).fetchall()]
        connection.invalidate()
    assert any("features" in step for step in plan)
    assert not [step for step in plan if "Sort" in step]
