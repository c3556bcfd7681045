"""Loads into the embedded database, which compares records before it takes the write lock."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.errors import DatabaseUnavailable
from shared.repository.bulk_load import bulk_load
from shared.repository.sqlite import sqlite_engine
from shared.repository.tables import cache_version
from shared.tracks.genres import ALL
from shared.tracks.rejected import Rejected
from tests.contract.database_steps import as_staged, listed, track
from tests.services.databases import MakeDatabase

FIRST = track(1)


async def test_a_record_posted_between_comparison_and_merge_is_updated(
    sqlite_file: Path, database_on: MakeDatabase
) -> None:
    engine = sqlite_engine(sqlite_file, 2)
    database = database_on(engine)
    await database.insert(track(9))
    target = bulk_load(engine, 100, "run")
    target.stage(as_staged((2, FIRST), (3, track(2))))
    commits = iter(("repeats dropped", "compared", "merged"))

    def post(connection: sa.Connection) -> None:
        del connection
        if next(commits) == "compared":
            _post(sqlite_file)

    sa.event.listen(engine, "commit", post)
    merged = target.merge()
    assert (merged.inserted, merged.updated) == (1, 1)
    assert await database.find("Dance", FIRST.track_id) == FIRST


def _post(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "INSERT INTO features (genre, artist_name, track_name, track_id, popularity, "
            "duration_ms) VALUES ('Dance', 'A', 'T', ?, 1, 1)",
            [FIRST.track_id],
        )
    connection.close()


def test_a_batch_may_be_a_tuple(sqlite_file: Path) -> None:
    engine = sqlite_engine(sqlite_file, 1)
    target = bulk_load(engine, 100, "run")
    target.stage(tuple(as_staged((2, FIRST), (3, track(2)))))
    assert target.merge().inserted == 2
    engine.dispose()


async def test_a_load_leaves_no_temporary_table_to_the_next_user_of_a_connection(
    sqlite_file: Path, database_on: MakeDatabase
) -> None:
    engine = sqlite_engine(sqlite_file, 1)
    database_on(engine)
    for run in ("one", "two"):
        target = bulk_load(engine, 100, run)
        target.stage(as_staged((2, FIRST)))
        target.merge()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM temp.sqlite_master").all() == []


async def test_a_merge_that_fails_leaves_everything_as_it_was(
    sqlite_file: Path, database_on: MakeDatabase
) -> None:
    engine = sqlite_engine(sqlite_file, 2)
    database = database_on(engine)
    await database.insert(track(1))
    before, rows = await database.versions(), await listed(database, ALL)
    target = bulk_load(engine, 100, "again")
    target.stage(as_staged((2, track(1, popularity=1)), (3, track(2)), (4, track(3, "Pop"))))
    sa.event.listen(engine, "commit", _fail)
    with pytest.raises(ZeroDivisionError):
        target.merge()
    sa.event.remove(engine, "commit", _fail)
    target.abandon()
    assert await database.versions() == before
    assert await listed(database, ALL) == rows


def _fail(connection: sa.Connection) -> None:
    """Fail in the merge itself, not in the transactions before it."""
    if connection.scalar(sa.select(cache_version.c.scope).where(cache_version.c.scope == "Pop")):
        raise ZeroDivisionError


def test_an_abandoned_load_that_cannot_keep_its_rejects_closes_its_connection(
    sqlite_file: Path,
) -> None:
    engine = sqlite_engine(sqlite_file, 2, busy_seconds=0.05)
    target = bulk_load(engine, 100, "run")
    target.reject([Rejected(2, "key: unknown value", "raw")])
    closed: list[object] = []
    sa.event.listen(engine, "close_detached", closed.append)
    with engine.connect() as other:
        other.exec_driver_sql("UPDATE cache_version SET version = version")
        with pytest.raises(DatabaseUnavailable):
            target.abandon()
    assert len(closed) == 1
    engine.dispose()
