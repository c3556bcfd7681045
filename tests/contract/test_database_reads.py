import asyncio
import threading
from contextlib import AsyncExitStack, closing

import pytest
import sqlalchemy as sa

from shared.cache.bodies import BATCH_BLOCKS, builder
from shared.repository.database import RowChunks
from shared.repository.sql_database import SqlDatabase
from shared.runtime import ThreadWorkers
from shared.tracks.genres import ALL
from shared.tracks.track import COLUMNS, CORE_COLUMNS, View
from tests.contract.database_steps import connections_in_use, listed, rows_in, track, track_ids
from tests.services.databases import MakeDatabase
from tests.services.long_timeouts import LONG_SECONDS


async def test_a_new_database_has_only_the_list_of_all(database: SqlDatabase) -> None:
    versions = await database.versions()
    assert list(versions.numbers) == [ALL]
    assert len(versions.epoch) == 32


async def test_rows_carry_their_id_and_the_views_columns_in_order(database: SqlDatabase) -> None:
    record = track(acousticness=0.25, key="C#", mode="Major", time_signature="4/4", tempo=120.123)
    await database.insert(record)
    for view, columns in ((View.CORE, CORE_COLUMNS), (View.FULL, COLUMNS)):
        _, rows = await listed(database, ALL, view)
        assert [row[1:] for row in rows] == [tuple(getattr(record, name) for name in columns)]
        assert isinstance(rows[0][0], int)


async def test_rows_are_in_id_order(database: SqlDatabase) -> None:
    for number in (5, 3, 9, 1):
        await database.insert(track(number))
    for scope in (ALL, "Dance"):
        _, rows = await listed(database, scope)
        assert [int(row[4]) for row in rows] == [5, 3, 9, 1]
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)


async def test_only_the_list_of_all_is_limited(
    engine: sa.Engine, database_on: MakeDatabase
) -> None:
    database = database_on(engine, features_limit=2)
    for number in range(4):
        await database.insert(track(number))
    assert len(await track_ids(database, ALL)) == 2
    assert len(await track_ids(database, "Dance")) == 4


async def test_a_genre_lists_only_its_own_records(database: SqlDatabase) -> None:
    await database.insert(track(1, "Dance"))
    await database.insert(track(1, "Pop"))
    await database.insert(track(2, "Pop"))
    assert len(await track_ids(database, "Dance")) == 1
    assert len(await track_ids(database, "Pop")) == 2
    assert len(await track_ids(database, ALL)) == 3


@pytest.mark.parametrize("scope", ["Polka", "dance", "Dance ", "DÁNCE"])
async def test_an_unknown_scope_has_no_version_and_no_rows(
    database: SqlDatabase, scope: str
) -> None:
    await database.insert(track())
    assert await listed(database, scope) == (None, [])


async def test_a_list_of_more_than_one_chunk_is_complete(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    await database.insert(track(0))
    _add_records(engine, 5000)
    assert await track_ids(database, ALL) == [f"{number:022}" for number in range(5001)]


async def test_a_write_between_version_and_rows_is_in_neither(database: SqlDatabase) -> None:
    written = await database.insert(track(1))
    async with database.snapshot("Dance", View.CORE) as snapshot:
        await database.insert(track(2))
        rows = await snapshot.read(rows_in)
        assert snapshot.version == dict(written.versions)["Dance"]
    assert [row[4] for row in rows] == [track(1).track_id]
    assert len(await track_ids(database, "Dance")) == 2


async def test_what_a_builder_raises_reaches_the_caller(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    def build(chunks: RowChunks) -> None:
        next(chunks)
        raise LookupError

    await database.insert(track())
    with pytest.raises(LookupError):
        async with database.snapshot(ALL, View.CORE) as snapshot:
            await snapshot.read(build)
    assert connections_in_use(engine) == 0


async def test_a_cancelled_reader_returns_its_connection_once_its_thread_has_ended(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    await database.insert(track())
    reading, go_on = threading.Event(), threading.Event()

    def build(chunks: RowChunks) -> int:
        reading.set()
        go_on.wait(2 * LONG_SECONDS)
        return sum(len(chunk) for chunk in chunks)

    async def reader() -> None:
        async with database.snapshot(ALL, View.CORE) as snapshot:
            await snapshot.read(build)

    task = asyncio.create_task(reader())
    await asyncio.to_thread(reading.wait)
    task.cancel()
    assert connections_in_use(engine) == 1
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert connections_in_use(engine) == 0


async def test_a_cancelled_fill_ends_its_threads(engine: sa.Engine, database: SqlDatabase) -> None:
    _add_records(engine, 5000)
    reading, go_on = threading.Event(), threading.Event()

    def paused(chunks: RowChunks) -> RowChunks:
        for number, chunk in enumerate(chunks):
            yield chunk
            if number == 2 * BATCH_BLOCKS - 1:  # the second batch is given to the second thread
                reading.set()
                go_on.wait(LONG_SECONDS)

    async def reader() -> None:
        async with database.snapshot(ALL, View.CORE) as snapshot:
            await snapshot.read(lambda chunks: builder(View.CORE)(paused(chunks)))

    task = asyncio.create_task(reader())
    await asyncio.to_thread(reading.wait, LONG_SECONDS)
    assert pipelines()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not pipelines()
    assert connections_in_use(engine) == 0


def pipelines() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("pipeline")]


async def test_readers_cancelled_while_they_queue_leave_no_connection(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    async def reader() -> None:
        async with database.snapshot(ALL, View.CORE) as snapshot:
            await snapshot.read(list)

    tasks = [asyncio.create_task(reader()) for _ in range(40)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[1::2] == [None] * 20
    assert connections_in_use(engine) == 0


async def test_a_poll_is_not_delayed_by_fills(database: SqlDatabase) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def build(chunks: RowChunks) -> None:
        del chunks
        begun.release()
        go_on.wait(2 * LONG_SECONDS)

    async def reader() -> None:
        async with database.snapshot(ALL, View.CORE) as snapshot:
            await snapshot.read(build)

    tasks = [asyncio.create_task(reader()) for _ in range(20)]
    for _ in range(4):
        await asyncio.to_thread(begun.acquire)
    try:
        await asyncio.wait_for(database.versions(), LONG_SECONDS)
    finally:
        go_on.set()
        await asyncio.gather(*tasks)


def _add_records(engine: sa.Engine, count: int) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            _prefixed(
                engine,
                "INSERT INTO {}features (genre, artist_name, track_name, track_id, "
                "popularity, duration_ms) VALUES (?, ?, ?, ?, ?, ?)",
            ),
            [("Dance", "A", "T", f"{number:022}", 1, 1) for number in range(1, count + 1)],
        )


def _prefixed(engine: sa.Engine, statement: str) -> str:
    return statement.format("spotify." if engine.dialect.name == "mssql" else "")


async def test_no_more_snapshots_are_open_at_once_than_were_allowed(engine: sa.Engine) -> None:
    with (
        closing(ThreadWorkers(4, "sql")) as workers,
        closing(ThreadWorkers(1, "poll")) as pollers,
        closing(ThreadWorkers(4, "fill")) as fillers,
    ):
        database = SqlDatabase(engine, workers, pollers, fillers, features_limit=10, fills=2)
        async with AsyncExitStack() as first:
            for _ in range(2):
                await first.enter_async_context(database.snapshot(ALL, View.CORE))
            third = asyncio.create_task(listed(database, ALL))
            done, _ = await asyncio.wait([third], timeout=0.3)
            assert not done
        await third
