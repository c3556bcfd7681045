"""A write that takes too long: stopped, so that it never commits, or its outcome is unknown.

The deadline passes before, at and after each step of the write (docs/protocol.md, rule 14).
"""

import asyncio
import threading
from collections.abc import Callable
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

STATEMENTS = {"sqlite": 4, "mssql": 3}
"""Of a write whose genre is there (test_database_counted.py shows which)."""


class Late:
    """Lets the deadline of writes pass when the test says so."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._begun, self._ended = threading.Semaphore(0), threading.Semaphore(0)
        self._deadlines: list[asyncio.Timeout] = []
        self.seconds: set[float] = set()
        for name in ("insert", "raise_versions"):
            patch.setattr(writes, name, self._counted(getattr(writes, name)))
        given = SimpleNamespace(timeout=self._timeout, wrap_future=asyncio.wrap_future)
        patch.setattr(sql_database, "asyncio", given)

    async def begun(self, count: int = 1) -> None:
        """Wait until so many writes have begun."""
        for _ in range(count):
            await asyncio.to_thread(self._begun.acquire, timeout=LONG_SECONDS)

    async def ended(self, count: int = 1) -> None:
        """Wait until so many writes have ended, whatever became of them."""
        for _ in range(count):
            await asyncio.to_thread(self._ended.acquire, timeout=LONG_SECONDS)

    def passes(self) -> None:
        for deadline in self._deadlines:
            deadline.reschedule(asyncio.get_running_loop().time())

    def _counted(self, write: Callable[..., Written]) -> Callable[..., Written]:
        def counted(*arguments: Any) -> Written:
            self._begun.release()
            try:
                return write(*arguments)
            finally:
                self._ended.release()

        return counted

    def _timeout(self, seconds: float) -> asyncio.Timeout:
        self.seconds.add(seconds)
        self._deadlines.append(asyncio.timeout(None))
        return self._deadlines[-1]


class Held:
    """Holds a thread where it arrives for the `number`th time, until the test lets it go on."""

    def __init__(self, number: int = 1) -> None:
        self._left = number
        self._reached, self._go_on = threading.Event(), threading.Event()

    def __call__(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            self._reached.set()
            assert self._go_on.wait(LONG_SECONDS)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, LONG_SECONDS)

    def go_on(self) -> None:
        self._go_on.set()


def at_statements(held: Held) -> Callable[..., None]:
    """Return a listener that passes `held` at every statement but SQLite's BEGIN."""

    def arrive(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            held()

    return arrive


class Locked:
    """Another transaction holds the locks that every write needs."""

    def __init__(self, engine: sa.Engine) -> None:
        self._connection = engine.execution_options(**IMMEDIATE).connect()

    def __enter__(self) -> None:
        self._connection.execute(sa.update(cache_version).values(version=cache_version.c.version))

    def __exit__(self, *_: object) -> None:
        self._connection.close()


@pytest.fixture
async def other(engine: sa.Engine, database_on: MakeDatabase) -> SqlDatabase:
    """Another instance, which has stored a record of the genre."""
    database = database_on(engine)
    await database.insert(track(0))
    return database


async def is_stored(database: SqlDatabase, number: int = 1) -> bool:
    return await database.find("Dance", track(number).track_id) is not None


async def test_a_write_that_is_late_at_any_statement_is_stopped_and_stores_nothing(
    engine: sa.Engine,
    database: SqlDatabase,
    other: SqlDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for statement in range(1, STATEMENTS[engine.dialect.name] + 1):
        held = Held(statement)
        arrive = at_statements(held)
        with monkeypatch.context() as patch:
            late = Late(patch)
            sa.event.listen(engine, "before_cursor_execute", arrive)
            write = asyncio.create_task(database.insert(track()))
            await held.reached()
            late.passes()
            with pytest.raises(DatabaseUnavailable, match="Nothing was stored") as raised:
                await write
            held.go_on()
            await late.ended()
            sa.event.remove(engine, "before_cursor_execute", arrive)
        assert not isinstance(raised.value, OutcomeUnknown)
        assert not await is_stored(other)
        assert connections_in_use(engine) == 0


async def test_a_write_that_is_late_waiting_for_a_lock_is_stopped_and_stores_nothing(
    engine: sa.Engine,
    database_on: MakeDatabase,
    other: SqlDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = database_on(engine, timeouts=Timeouts(write=7))
    with monkeypatch.context() as patch:
        late = Late(patch)
        with Locked(engine):
            write = asyncio.create_task(database.insert(track()))
            await late.begun()
            late.passes()
            with pytest.raises(DatabaseUnavailable, match="Nothing was stored"):
                await write
        await late.ended()
        assert late.seconds == {7}
    assert not await is_stored(other)


async def test_a_late_write_that_waits_for_a_thread_never_begins(
    engine: sa.Engine,
    database: SqlDatabase,
    other: SqlDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        late = Late(patch)
        with Locked(engine):
            six = [asyncio.create_task(database.insert(track(number))) for number in range(1, 7)]
            await late.begun(4)
            late.passes()
            errors = await asyncio.gather(*six, return_exceptions=True)
        await late.ended(4)
    assert [type(error) for error in errors] == [DatabaseUnavailable] * 6
    assert not any([await is_stored(other, number) for number in range(1, 7)])


async def test_a_write_that_is_late_during_its_commit_leaves_the_outcome_unknown(
    engine: sa.Engine,
    database: SqlDatabase,
    other: SqlDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = Held()
    with monkeypatch.context() as patch:
        late = Late(patch)
        sa.event.listen(engine, "commit", held)
        write = asyncio.create_task(database.insert(track()))
        await held.reached()
        late.passes()
        with pytest.raises(OutcomeUnknown):
            await write
    search = asyncio.create_task(is_stored(other))
    held.go_on()
    assert await search
    sa.event.remove(engine, "commit", held)


async def test_a_write_that_is_late_after_its_commit_leaves_the_outcome_unknown(
    database: SqlDatabase,
    other: SqlDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, insert = Held(), writes.insert

    def committed(*arguments: Any) -> Written:
        written = insert(*arguments)
        held()
        return written

    with monkeypatch.context() as patch:
        patch.setattr(writes, "insert", committed)
        late = Late(patch)
        write = asyncio.create_task(database.insert(track()))
        await held.reached()
        late.passes()
        with pytest.raises(OutcomeUnknown):
            await write
        held.go_on()
    assert await is_stored(other)


async def test_a_late_write_is_not_begun_again_after_its_attempt_failed(
    database: SqlDatabase,
    other: SqlDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its genre was created by another writer, and the transaction has to be run again."""
    held = Held()

    def taken(*_: object) -> int:
        held()
        raise writes.GenreTaken

    with monkeypatch.context() as patch:
        patch.setattr(writes, "_create", taken)
        late = Late(patch)
        write = asyncio.create_task(database.insert(track(genre="Ska")))
        await held.reached()
        late.passes()
        with pytest.raises(DatabaseUnavailable, match="Nothing was stored"):
            await write
        patch.undo()
        held.go_on()
        await late.ended()
    assert await other.find("Ska", track().track_id) is None
    assert (await other.versions()).of("Ska") is None


async def test_a_purge_that_is_late_before_its_commit_raises_no_version(
    engine: sa.Engine,
    database: SqlDatabase,
    other: SqlDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = await other.versions()
    with monkeypatch.context() as patch:
        late = Late(patch)
        with Locked(engine):
            purge = asyncio.create_task(database.raise_versions(["Dance"]))
            await late.begun()
            late.passes()
            with pytest.raises(DatabaseUnavailable):
                await purge
        await late.ended()
    assert await other.versions() == before
