"""A commit whose answer is lost: it may have happened or not, and nobody may guess."""

import asyncio
import threading

import pytest
import sqlalchemy as sa

from shared.catalog.sql.database import SqlDatabase
from shared.catalog.sql.patience import Patience
from shared.catalog.sql.sqlite import IMMEDIATE
from shared.catalog.tables import cache_version
from shared.errors import DatabaseAway, OutcomeUnknown
from tests.contract.database_steps import connections_in_use, track
from tests.services.databases import MakeDatabase
from tests.services.patience import PATIENT


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


async def test_a_write_that_takes_too_long_leaves_the_outcome_unknown(
    engine: sa.Engine, database_on: MakeDatabase
) -> None:
    """It goes on in its thread, and may commit after its caller has left."""
    database = database_on(engine, patience=Patience(write=0.2))
    await database_on(engine).insert(track(1))
    with _locked(engine), pytest.raises(OutcomeUnknown):
        await database.insert(track(2))
    async with asyncio.timeout(PATIENT):
        while await database.find("Dance", track(2).track_id) is None:
            pass


async def test_a_write_that_never_began_is_no_unknown_outcome(
    engine: sa.Engine, database_on: MakeDatabase
) -> None:
    database = database_on(engine, patience=Patience(write=0.2))
    await database_on(engine).insert(track(0))
    with _locked(engine):
        writes = [database.insert(track(number)) for number in range(1, 7)]
        errors = await asyncio.gather(*writes, return_exceptions=True)
    kinds = [type(error) for error in errors]
    assert kinds == [OutcomeUnknown] * 4 + [DatabaseAway] * 2
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
            go_on.wait(PATIENT)

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
    """Another writer holds what every write needs."""

    def __init__(self, engine: sa.Engine) -> None:
        self._connection = engine.execution_options(**IMMEDIATE).connect()

    def __enter__(self) -> None:
        self._connection.execute(sa.update(cache_version).values(version=cache_version.c.version))

    def __exit__(self, *_: object) -> None:
        self._connection.close()
