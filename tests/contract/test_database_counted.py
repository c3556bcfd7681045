"""What a POST costs, and what is counted so that it need not count (docs/protocol.md, rule 33)."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shared.repository.bulk_load import bulk_load
from shared.repository.counted_records import NOTHING, Counted, store
from shared.repository.schema_upgrade import upgrade
from shared.repository.sql_database import SqlDatabase
from shared.repository.sqlite import IMMEDIATE, sqlite_engine
from shared.repository.statements import COUNTED
from shared.repository.tables import features
from shared.repository.writes import CommitRight, insert
from shared.tracks.genres import ALL
from tests.contract.database_steps import as_staged, track, track_ids
from tests.services.databases import MakeDatabase

_FILL = """
INSERT INTO features (genre, artist_name, track_name, track_id, popularity, duration_ms)
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count)
SELECT 'Dance', 'Artist', 'Title', printf('filled%016d', n), 1, 1 FROM number
"""

type Sent = list[tuple[str, Any]]


def counted(engine: sa.Engine) -> Counted:
    with engine.connect() as connection:
        return Counted(*connection.execute(COUNTED).one())


def stored_up_to(engine: sa.Engine, identity: int) -> int:
    with engine.connect() as connection:
        ids = sa.select(features.c.id).where(features.c.id <= identity)
        return len(connection.scalars(ids).all())


@contextmanager
def statements(engine: sa.Engine) -> Iterator[Sent]:
    """Collect the statements that are sent, but for SQLite's BEGIN, with their parameters."""
    sent: Sent = []

    def note(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        if not text.startswith("BEGIN"):
            sent.append((text, values))

    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def kinds(sent: Sent) -> list[str]:
    """The verb of each statement, and the table of a count."""
    return ["count" if "count(" in text else text.split()[0] for text, _ in sent]


def filled(path: Path, records: int) -> None:
    """Store records around the API."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(_FILL, {"count": records})
        connection.commit()


def store_with_id(path: Path, identity: int, track_id: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO features (id, genre, artist_name, track_name, track_id, popularity, "
            "duration_ms) VALUES (?, 'Dance', 'Artist', 'Title', ?, 1, 1)",
            (identity, track_id),
        )
        connection.commit()


def restore(backup: Path, path: Path) -> None:
    backup.replace(path)
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def steps_of_a_post(path: Path, limit: int, number: int) -> int:
    """The steps that SQLite's virtual machine takes for a POST: some for each row that is read."""
    engine, steps = sqlite_engine(path, 1), [0]

    def step() -> None:
        steps[0] += 1

    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(step, 1)
    insert(engine.execution_options(**IMMEDIATE), CommitRight(), track(number), limit)
    engine.dispose()
    return steps[0]


@pytest.mark.parametrize("limit", [5_000, 1_000_000], ids=["beyond the list", "in the list"])
def test_a_post_reads_as_much_of_a_large_table_as_of_a_small_one(
    sqlite_file: Path, tmp_path: Path, limit: int
) -> None:
    large = Path(tmp_path / "large.sqlite")
    large.write_bytes(sqlite_file.read_bytes())
    filled(sqlite_file, 10_000)
    filled(large, 200_000)
    first = {path: steps_of_a_post(path, limit, 1) for path in (sqlite_file, large)}
    second = {path: steps_of_a_post(path, limit, 2) for path in (sqlite_file, large)}
    assert len(set(second.values())) == 1
    assert max(second.values()) < 500
    counts = limit < 10_000
    assert (min(first.values()) > limit) is counts


@pytest.mark.parametrize("limit", [2, 100_000], ids=["beyond the list", "in the list"])
async def test_after_a_load_a_post_counts_nothing(
    engine: sa.Engine, database_on: MakeDatabase, limit: int
) -> None:
    target = bulk_load(engine, limit, "run")
    target.stage(as_staged(*((line, track(line)) for line in range(2, 7))))
    target.merge()
    loaded = counted(engine)
    assert loaded.records == 5 == stored_up_to(engine, loaded.last_id)
    with statements(engine) as sent:
        await database_on(engine, features_limit=limit).insert(track(100))
    assert "count" not in kinds(sent)
    assert counted(engine) == loaded


async def test_a_load_counts_on_from_what_was_counted(
    engine: sa.Engine, database_on: MakeDatabase
) -> None:
    database = database_on(engine, features_limit=2)
    for number in range(1, 5):
        await database.insert(track(number))
    assert counted(engine).records == 2
    target = bulk_load(engine, 2, "run")
    target.stage(as_staged((2, track(3, popularity=1)), (3, track(9))))
    target.merge()
    assert counted(engine).records == 5 == stored_up_to(engine, counted(engine).last_id)


async def test_a_post_sends_few_statements(engine: sa.Engine, database: SqlDatabase) -> None:
    await database.insert(track(1))
    with statements(engine) as sent:
        await database.insert(track(2))
    on_sql_server = ["SELECT", "INSERT", "SET"]
    on_sqlite = ["SELECT", "INSERT", "UPDATE", "UPDATE"]
    assert kinds(sent) == (on_sql_server if engine.dialect.name == "mssql" else on_sqlite)


async def test_a_post_binds_no_null(engine: sa.Engine, database: SqlDatabase) -> None:
    """Before a NULL, Microsoft's driver asks the server for the types of all parameters."""
    with statements(engine) as sent:
        await database.insert(track(1))
    values = [value for _, parameters in sent for value in parameters]
    assert len(values) > 10
    assert None not in values


async def test_a_count_is_stored_after_the_versions_are_raised(
    engine: sa.Engine, database_on: MakeDatabase
) -> None:
    """Each writer takes the locks of rows in one order (docs/protocol.md, rule 11)."""
    database = database_on(engine, features_limit=1)
    await database.insert(track(1))
    with statements(engine) as sent:
        await database.insert(track(2))
    assert [kind for kind in kinds(sent) if kind != "SET"][:3] == ["SELECT", "INSERT", "count"]
    assert "features_counted" in sent[-1][0]
    assert "cache_version" in sent[-2][0]


async def test_the_first_post_beyond_the_list_counts_and_the_next_ones_do_not(
    engine: sa.Engine, database_on: MakeDatabase
) -> None:
    """Of the first two, ids that were used before may have to be counted."""
    database = database_on(engine, features_limit=2)
    listed, counts = [], []
    for number in range(5):
        with statements(engine) as sent:
            written = await database.insert(track(number))
        listed.append(ALL in dict(written.versions))
        counts.append(kinds(sent).count("count"))
    assert listed == [True, True, False, False, False]
    assert counts[2:] == [1, 0, 0]


async def test_posts_at_once_never_count_too_many(
    engine: sa.Engine, database_on: MakeDatabase
) -> None:
    database = database_on(engine, features_limit=10)
    written = await asyncio.gather(*(database.insert(track(number)) for number in range(24)))
    order = await track_ids(database, ALL)
    raised = {one.track.track_id for one in written if ALL in dict(one.versions)}
    assert raised >= set(order[:10])
    last = counted(engine)
    assert 0 < last.records <= stored_up_to(engine, last.last_id)


async def test_a_restored_database_takes_back_what_was_counted(
    sqlite_file: Path, tmp_path: Path, database_on: MakeDatabase
) -> None:
    """Ids may jump after a restore; then a bound that a process kept would be wrong."""
    database = database_on(sqlite_engine(sqlite_file, 1), features_limit=3)
    await database.insert(track(1))
    backup = tmp_path / "backup.sqlite"
    with closing(sqlite3.connect(sqlite_file)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)
    for number in range(2, 6):
        await database.insert(track(number))
    restore(backup, sqlite_file)
    store_with_id(sqlite_file, 1000, track(6).track_id)
    written = await database.insert(track(7))
    assert ALL in dict(written.versions)
    assert await track_ids(database, ALL) == [track(number).track_id for number in (1, 6, 7)]


def test_a_later_count_is_not_replaced_by_an_earlier_one(engine: sa.Engine) -> None:
    """Of two writers that count at once, the one that counted less may commit last."""
    with engine.begin() as connection:
        for later in (Counted(5, 7), Counted(4, 6), Counted(9, 7)):
            store(connection, later)
    assert counted(engine) == Counted(5, 7)


def test_a_migration_counts_what_is_stored(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path / "database.sqlite", 1)
    upgrade(engine, "0004")
    filled(tmp_path / "database.sqlite", 7)
    upgrade(engine)
    assert counted(engine) == Counted(7, 7)
    engine.dispose()


def test_a_new_database_has_counted_nothing(engine: sa.Engine) -> None:
    assert counted(engine) == NOTHING
