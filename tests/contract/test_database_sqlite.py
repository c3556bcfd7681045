"""The settings of connections to the embedded database."""

from pathlib import Path

import pytest

from shared.repository.sqlite import sqlite_engine

FULL = 2


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
