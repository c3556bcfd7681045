"""Every failure of the database is DatabaseUnavailable for the caller, with a message of ours."""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.errors import DatabaseUnavailable
from shared.repository.azure_sql import azure_engine
from shared.repository.database import Written
from shared.repository.sql_database import SqlDatabase
from shared.repository.sqlite import sqlite_engine
from shared.tracks.genres import ALL
from shared.tracks.track import View
from tests.contract.database_steps import connections_in_use, listed, track, track_ids
from tests.services.databases import MakeDatabase
from tests.services.long_timeouts import LONG_SECONDS

FULL = "The database stores nothing: it is full or read-only."
DETAILS = {
    "The database cannot be reached.",
    "The database is not set up: its migrations have not run.",
    "The database's file is damaged, or is no database.",
}


async def _snapshot(database: SqlDatabase) -> None:
    async with database.snapshot(ALL, View.CORE):
        pass


CALLS: dict[str, Callable[[SqlDatabase], Awaitable[object]]] = {
    "versions": lambda database: database.versions(),
    "snapshot": _snapshot,
    "insert": lambda database: database.insert(track()),
    "find": lambda database: database.find("Dance", track().track_id),
    "raise_versions": lambda database: database.raise_versions([ALL]),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
type Call = Callable[[SqlDatabase], Awaitable[object]]


async def _is_unavailable(database: SqlDatabase, call: Call, engine: sa.Engine) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        await call(database)
    assert caught.value.detail in DETAILS
    assert caught.value.headers["Retry-After"]
    await _no_connection_is_kept(engine)


async def _no_connection_is_kept(engine: sa.Engine) -> None:
    """Wait for the driver: its login timeout is as long as the caller's timeout for a poll."""
    async with asyncio.timeout(LONG_SECONDS):
        while connections_in_use(engine):
            await asyncio.to_thread(time.sleep, 0.01)


@every_call
async def test_a_folder_that_cannot_be_created(
    tmp_path: Path, database_on: MakeDatabase, call: Call
) -> None:
    (tmp_path / "file").touch()
    engine = sqlite_engine(tmp_path / "file" / "database.sqlite", 1)
    await _is_unavailable(database_on(engine), call, engine)


@every_call
async def test_a_file_that_is_not_a_database(
    tmp_path: Path, database_on: MakeDatabase, call: Call
) -> None:
    (tmp_path / "file").write_bytes(b"no database" * 1000)
    engine = sqlite_engine(tmp_path / "file", 1)
    await _is_unavailable(database_on(engine), call, engine)


@every_call
async def test_a_database_that_was_never_migrated(
    tmp_path: Path, database_on: MakeDatabase, call: Call
) -> None:
    engine = sqlite_engine(tmp_path / "file", 1)
    await _is_unavailable(database_on(engine), call, engine)


@every_call
@pytest.mark.usefixtures("pyodbc")
async def test_a_server_that_cannot_be_reached(database_on: MakeDatabase, call: Call) -> None:
    odbc = (
        "Driver={ODBC Driver 18 for SQL Server};Server=127.0.0.1,1;Database=x;UID=u;PWD=Secret-1;"
        "Encrypt=no"
    )
    engine = azure_engine(odbc, 1)
    await _is_unavailable(database_on(engine), call, engine)


async def test_a_writer_that_holds_the_lock_too_long(
    sqlite_file: Path, database_on: MakeDatabase
) -> None:
    engine = sqlite_engine(sqlite_file, 2, busy_seconds=0.1)
    database = database_on(engine)
    with engine.connect() as other:
        other.exec_driver_sql("UPDATE cache_version SET version = version")
        with pytest.raises(DatabaseUnavailable, match="is busy"):
            await database.insert(track())
        await database.versions()
    await database.insert(track())


async def test_a_full_disk_loses_nothing_that_was_stored(
    sqlite_file: Path, database_on: MakeDatabase
) -> None:
    engine = sqlite_engine(sqlite_file, 2)
    sa.event.listen(engine, "checkout", _limit_pages)
    database = database_on(engine)
    writes = [database.insert(track(number, track_name="x" * 900)) for number in range(100)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    stored = {result.track.track_id for result in results if isinstance(result, Written)}
    assert {type(result) for result in results} == {Written, DatabaseUnavailable}
    assert {str(result) for result in results if isinstance(result, Exception)} == {FULL}
    _, rows = await listed(database, ALL)
    assert {row[4] for row in rows} == stored


def _limit_pages(connection: sa.engine.interfaces.DBAPIConnection, *_: object) -> None:
    connection.cursor().execute("PRAGMA max_page_count = 20")


async def test_a_file_that_may_only_be_read(sqlite_file: Path, database_on: MakeDatabase) -> None:
    engine = sqlite_engine(sqlite_file, 2)
    sa.event.listen(engine, "checkout", _read_only)
    database = database_on(engine)
    with pytest.raises(DatabaseUnavailable, match=FULL):
        await database.insert(track())
    await database.versions()


def _read_only(connection: sa.engine.interfaces.DBAPIConnection, *_: object) -> None:
    connection.cursor().execute("PRAGMA query_only = ON")


async def test_a_corrupt_page_is_noticed_while_rows_are_read(
    sqlite_file: Path, database_on: MakeDatabase
) -> None:
    engine = sqlite_engine(sqlite_file, 2)
    database = database_on(engine)
    for number in range(50):
        await database.insert(track(number, track_name="x" * 900))
    engine.dispose()
    _spoil(sqlite_file)
    with pytest.raises(DatabaseUnavailable):
        await listed(database, ALL)
    assert connections_in_use(engine) == 0


def _spoil(path: Path) -> None:
    """Overwrite two pages of records."""
    content = path.read_bytes()
    where = content.rfind(b"x" * 900) // 4096 * 4096
    path.write_bytes(content[:where] + b"\xff" * 8192 + content[where + 8192 :])


async def test_no_number_comes_twice_after_a_restore(
    sqlite_file: Path, tmp_path: Path, database_on: MakeDatabase
) -> None:
    engine = sqlite_engine(sqlite_file, 2)
    database = database_on(engine)
    await database.insert(track(1))
    engine.dispose()
    backup = shutil.copy(sqlite_file, tmp_path / "backup")
    lost = [dict((await database.insert(track(number))).versions) for number in (2, 3)]
    engine.dispose()
    shutil.copy(backup, sqlite_file)
    again = dict((await database.insert(track(2))).versions)
    for scope in ("Dance", ALL):
        assert again[scope].number > max(versions[scope].number for versions in lost)
        assert again[scope].epoch == lost[0][scope].epoch


@pytest.mark.parametrize("call", [CALLS[name] for name in CALLS if name != "find"])
async def test_a_database_without_an_epoch(
    sqlite_file: Path, database_on: MakeDatabase, call: Call
) -> None:
    engine = sqlite_engine(sqlite_file, 1)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM cache_epoch")
    await _is_unavailable(database_on(engine), call, engine)


async def test_after_the_file_was_replaced_every_connection_has_the_new_one(
    sqlite_file: Path, tmp_path: Path, database_on: MakeDatabase
) -> None:
    engine = sqlite_engine(sqlite_file, 4)
    database = database_on(engine)
    await database.insert(track(1))
    _back_up(sqlite_file, tmp_path / "backup")
    restored = await database.versions()
    await database.insert(track(2))
    await asyncio.gather(*(database.versions() for _ in range(4)), track_ids(database, "Dance"))

    for beside in ("-wal", "-shm"):
        sqlite_file.with_name(sqlite_file.name + beside).unlink()
    (tmp_path / "backup").replace(sqlite_file)

    assert await database.versions() == restored
    assert await track_ids(database, "Dance") == [track(1).track_id]
    assert await database.find("Dance", track(2).track_id) is None
    await database.insert(track(3))
    with closing(sqlite3.connect(sqlite_file)) as file:
        stored = file.execute("SELECT track_id FROM features ORDER BY id").fetchall()
    assert [name for (name,) in stored] == [track(1).track_id, track(3).track_id]


def _back_up(database: Path, backup: Path) -> None:
    with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(backup)) as new:
        old.backup(new)


@every_call
async def test_after_the_file_was_removed_its_connections_are_not_used(
    sqlite_file: Path, database_on: MakeDatabase, call: Call
) -> None:
    engine = sqlite_engine(sqlite_file, 1)
    database = database_on(engine)
    await database.insert(track(1))
    for beside in ("", "-wal", "-shm"):
        sqlite_file.with_name(sqlite_file.name + beside).unlink()
    await _is_unavailable(database, call, engine)
