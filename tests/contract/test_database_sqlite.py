"""The settings of connections to the embedded database, and the JSON that it makes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example
from hypothesis import strategies as st

from shared.cache.bodies import builder
from shared.repository.sqlite import as_json, sqlite_engine
from shared.repository.statements import rows_of
from shared.repository.tables import features
from shared.tracks.genres import ALL
from shared.tracks.track import View
from tests.examples import given

FULL = 2

EVERY_CHARACTER = "".join(chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("synchronous", FULL),  # a commit is on disk before it is acknowledged
        ("journal_mode", "wal"),  # readers and a writer do not wait for each other
        ("foreign_keys", 1),
    ],
)
def test_every_connection_has_the_setting(sqlite_file: Path, pragma: str, value: object) -> None:
    engine = sqlite_engine(sqlite_file, 2)
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value
    engine.dispose()


@pytest.mark.parametrize("name", ["file:data?mode=memory", "file::memory:", "a?b#c%20d", "-x"])
def test_a_path_is_never_read_as_a_uri(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two connections would have a database each, in memory."""
    monkeypatch.chdir(tmp_path)
    engine = sqlite_engine(Path(name), 2)
    with engine.connect() as one, engine.connect() as other:
        one.exec_driver_sql("CREATE TABLE seen (id)")
        one.commit()
        assert other.exec_driver_sql("SELECT count(*) FROM seen").scalar_one() == 0
    engine.dispose()
    assert (tmp_path / name).is_file()


@pytest.fixture(scope="module")
def connection(migrated_file: Path) -> Iterator[sa.Connection]:
    engine = sqlite_engine(migrated_file, 1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rows(connection: sa.Connection, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
    return [*connection.execute(statement).cursor.fetchall()]


@given(st.text(), st.text(), st.integers(-(2**63), 2**63 - 1))
@example(EVERY_CHARACTER, "", 0)
def test_sqlite_makes_the_same_json_as_python(
    connection: sa.Connection, artist: str, title: str, number: int
) -> None:
    """So equal lists have equal entity tags, whoever serialised them."""
    core = ("Pop", artist, title, "", 7, number)
    values = dict(zip(View.CORE.columns, core, strict=True))
    for track_id in ("1", "2"):
        connection.execute(sa.insert(features).values(values | {"track_id": track_id}))
    listed = rows_of(ALL, View.CORE, 10)
    ready = rows(connection, as_json(listed))
    body = builder(View.CORE)(iter([rows(connection, listed)]))
    connection.rollback()
    assert [type(value) for value in ready[0]] == [int, bytes]
    assert builder(View.CORE)(iter([ready])) == body


def test_numbers_with_a_fraction_are_left_to_python() -> None:
    """SQLite would round them to 15 digits."""
    listed = rows_of(ALL, View.FULL, 10)
    assert as_json(listed) is listed
