"""Reads and writes while Redis is unavailable: their results and their times, in process."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shared.cache.cached_list import Outcome, Served
from shared.cache.circuit_breaker import OPEN_SECONDS
from shared.cache.writer import acknowledgement_delay
from shared.repository.sqlite import sqlite_engine
from shared.runtime import ThreadWorkers
from shared.services import Services
from shared.settings import Settings
from shared.tracks.track import Track, View
from tests.faults.frozen_time import AT_ONCE, HIT_PATH, frozen_loop, seconds_of
from tests.faults.redis_outages import Outage, outage
from tests.services.databases import MakeDatabase
from tests.services.redis import RedisFactory

LEASE_SECONDS = 0.4


def track(number: int) -> Track:
    return Track("Pop", "A", f"T {number}", f"{number:022}", 1, 20_000)


def rows(served: Served) -> int:
    assert served.cached is not None
    assert served.cached.body is not None
    return served.cached.body.rows


@dataclass(frozen=True)
class Process:
    """One instance of the app, without HTTP."""

    services: Services

    async def read(self) -> Served:
        return await self.services.reader.genre("pop", View.CORE)

    async def add(self, number: int) -> None:
        await self.services.writer.add(track(number))

    @property
    def circuit(self) -> Any:
        return self.services.store


type Start = Callable[[str], Process]


@pytest.fixture
async def start(
    sqlite_file: Path, database_on: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Start]:
    """`start(redis_url)`: another instance on the same database, on the loop's clock."""
    processes: list[Process] = []
    loop, begin = frozen_loop(), ThreadWorkers.start

    def counted(workers: ThreadWorkers, work: Callable[..., Any], *args: Any) -> Any:
        job = begin(workers, work, *args)
        loop.working(job)
        return job

    # The time stands still while SQL works.
    monkeypatch.setattr(ThreadWorkers, "start", counted)

    def started(redis_url: str) -> Process:
        settings = Settings.load(
            sqlite_path=sqlite_file, redis_url=redis_url, cache_freshness_seconds=LEASE_SECONDS
        )
        database = database_on(sqlite_engine(sqlite_file, 4), features_limit=100_000)
        processes.append(Process(Services(settings, database=database, clock=loop.time)))
        return processes[-1]

    yield started
    for process in processes:
        await seconds_of(process.services.background.drain())
        await process.circuit._store.close()


@pytest.fixture(params=["refused", "silent", "slow"])
async def an_outage(
    request: pytest.FixtureRequest, redis_server: RedisFactory, tmp_path: Path
) -> AsyncIterator[Outage]:
    async with outage(request.param, redis_server, tmp_path) as made:
        yield made


async def warm(process: Process) -> None:
    await process.read()
    assert (await process.read()).outcome in {Outcome.MEMORY, Outcome.REDIS}


async def test_the_hit_path_waits_for_a_dead_redis_no_longer_than_promised(
    an_outage: Outage, start: Start
) -> None:
    await start(an_outage.url).add(1)
    process = start(an_outage.url)
    await warm(process)
    an_outage.begin()
    assert await seconds_of(process.read()) <= HIT_PATH
    assert process.circuit.is_open


async def test_behind_the_open_circuit_a_read_costs_one_small_query(
    an_outage: Outage, start: Start
) -> None:
    process = start(an_outage.url)
    await process.add(1)
    await warm(process)
    an_outage.begin()
    await seconds_of(process.read())
    assert process.circuit.is_open
    statements: list[str] = []
    engine = process.services.database._engine  # type: ignore[attr-defined]  # SqlDatabase has it
    sa.event.listen(engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    assert await seconds_of(process.read()) < AT_ONCE
    (asked,) = [statement for statement in statements if statement != "BEGIN"]
    assert "cache_version" in asked


async def test_a_write_is_acknowledged_when_all_leases_have_ended_and_never_fails(
    an_outage: Outage, start: Start
) -> None:
    process = start(an_outage.url)
    await process.add(1)
    await warm(process)
    an_outage.begin()
    took = await seconds_of(process.add(2))
    assert (
        acknowledgement_delay(LEASE_SECONDS)
        <= took
        <= acknowledgement_delay(LEASE_SECONDS) + HIT_PATH
    )
    served = await process.read()
    assert rows(served) == 2


async def test_what_was_written_meanwhile_is_served_when_redis_is_back(
    an_outage: Outage, start: Start
) -> None:
    writer, reader = start(an_outage.url), start(an_outage.url)
    await writer.add(1)
    await warm(reader)
    an_outage.begin()
    await seconds_of(writer.add(2))
    assert an_outage.end is not None
    an_outage.end()
    loop = frozen_loop()
    closed_since, limit = loop.time(), loop.time() + 20
    while loop.time() < closed_since + OPEN_SECONDS:
        served = await reader.read()
        assert rows(served) == 2
        if reader.circuit.is_open or served.outcome is not Outcome.MEMORY:
            closed_since = loop.time()
        assert loop.time() < limit
        await loop.advance(0.02)
