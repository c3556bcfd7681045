"""Writes whose commit may have happened or not: OutcomeUnknown."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from shared.errors import DatabaseUnavailable, OutcomeUnknown
from shared.repository import sql_database, writes
from shared.repository.database import Written
from shared.repository.sql_database import SqlDatabase
from shared.repository.sqlite import IMMEDIATE
from shared.repository.tables import cache_version
from shared.repository.timeouts import Timeouts
from tests.contract.database_steps import connections_in_use, track
from tests.services.databases import MakeDatabase
from tests.services.long_timeouts import LONG_SECONDS


def _break_off(connection: sa.Connection) -> None:
    connection.connection.driver_connection.close()  # type: ignore[union-attr]


def _commit_and_break_off(connection: sa.Connection) -> None:
    connection.connection.driver_connection.commit()  # type: ignore[union-attr]
    _break_off(connection)


async def test_a_connection_lost_before_the_commit_leaves_the_outcome_unknown(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    sa.event.listen(engine, "commit", _break_off)
    with pytest.raises(OutcomeUnknown):
        await database.insert(track())
    sa.event.remove(engine, "commit", _break_off)
    assert await database.find("Dance", track().track_id) is None
    assert connections_in_use(engine) == 0


async def test_a_connection_lost_after_the_commit_leaves_the_outcome_unknown(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    sa.event.listen(engine, "commit", _commit_and_break_off)
    with pytest.raises(OutcomeUnknown):
        await database.insert(track())
    sa.event.remove(engine, "commit", _commit_and_break_off)
    assert await database.find("Dance", track().track_id) == track()
    assert (await database.versions()).of("Dance") is not None


class Late:
    """A timeout of writes that ends when the test says so, once enough writes have begun."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._begun, self._insert = threading.Semaphore(0), writes.insert
        self._bounds: list[asyncio.Timeout] = []
        self.seconds: set[float] = set()
        patch.setattr(writes, "insert", self._write)
        given = SimpleNamespace(timeout=self._timeout, wrap_future=asyncio.wrap_future)
        patch.setattr(sql_database, "asyncio", given)

    async def ends(self, begun: int) -> None:
        for _ in range(begun):
            await asyncio.to_thread(self._begun.acquire)
        for bound in self._bounds:
            bound.reschedule(asyncio.get_running_loop().time())

    def _write(self, *arguments: Any) -> Written:
        self._begun.release()
        return self._insert(*arguments)

    def _timeout(self, seconds: float) -> asyncio.Timeout:
        self.seconds.add(seconds)
        self._bounds.append(asyncio.timeout(None))
        return self._bounds[-1]


async def test_a_write_that_takes_too_long_leaves_the_outcome_unknown(
    engine: sa.Engine, database_on: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write goes on in its thread, and may commit after the caller has given up."""
    database = database_on(engine, timeouts=Timeouts(write=7))
    await database_on(engine).insert(track(1))
    with monkeypatch.context() as patch, _locked(engine):
        late = Late(patch)
        write = asyncio.create_task(database.insert(track(2)))
        await late.ends(begun=1)
        with pytest.raises(OutcomeUnknown):
            await write
        assert late.seconds == {7}
    async with asyncio.timeout(LONG_SECONDS):
        while await database.find("Dance", track(2).track_id) is None:
            pass


async def test_the_outcome_of_a_write_that_never_began_is_known(
    engine: sa.Engine, database_on: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = database_on(engine)
    await database_on(engine).insert(track(0))
    with monkeypatch.context() as patch, _locked(engine):
        late = Late(patch)
        all_six = [asyncio.create_task(database.insert(track(number))) for number in range(1, 7)]
        await late.ends(begun=4)
        errors = await asyncio.gather(*all_six, return_exceptions=True)
    kinds = [type(error) for error in errors]
    assert kinds == [OutcomeUnknown] * 4 + [DatabaseUnavailable] * 2
    stored = [await database.find("Dance", track(number).track_id) for number in (5, 6)]
    assert stored == [None, None]


async def test_finding_waits_for_a_write_that_is_about_to_commit(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    committing, go_on = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        del connection
        if not committing.is_set():
            committing.set()
            go_on.wait(LONG_SECONDS)

    await database.insert(track(1))
    sa.event.listen(engine, "commit", hold)
    write = asyncio.create_task(database.insert(track(2)))
    await asyncio.to_thread(committing.wait)
    search = asyncio.create_task(database.find("Dance", track(2).track_id))
    done, _ = await asyncio.wait([search], timeout=0.3)
    go_on.set()
    await write
    assert not done
    assert await search == track(2)
    sa.event.remove(engine, "commit", hold)


class _locked:  # noqa: N801 (used as a context manager)
    """Another transaction holds the locks that every write needs."""

    def __init__(self, engine: sa.Engine) -> None:
        self._connection = engine.execution_options(**IMMEDIATE).connect()

    def __enter__(self) -> None:
        self._connection.execute(sa.update(cache_version).values(version=cache_version.c.version))

    def __exit__(self, *_: object) -> None:
        self._connection.close()
