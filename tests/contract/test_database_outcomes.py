"""Writes whose commit may have happened or not: OutcomeUnknown."""

import asyncio
import threading

import pytest
import sqlalchemy as sa

from shared.errors import OutcomeUnknown
from shared.repository.sql_database import SqlDatabase
from tests.contract.database_steps import connections_in_use, track
from tests.services.long_timeouts import LONG_SECONDS


def _break_off(connection: sa.Connection) -> None:
    connection.connection.driver_connection.close()  # type: ignore[union-attr]  # it is open


def _commit_and_break_off(connection: sa.Connection) -> None:
    connection.connection.driver_connection.commit()  # type: ignore[union-attr]  # it is open
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
