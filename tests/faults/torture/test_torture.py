"""Several processes, a real Redis and real faults: no acknowledged record is ever missed.

`TEST_TORTURE_SECONDS=600` makes it long, `TEST_TORTURE_SEED` another one.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from local.services import AUTH_PROJECT
from shared.repository.sqlite import sqlite_engine
from shared.repository.tables import features
from tests.api.emulator_users import new_user
from tests.faults.torture.callers import GENRES, Callers
from tests.faults.torture.faults import Faults
from tests.faults.torture.fleet import Fleet
from tests.faults.torture.ledger import ALL, Ledger
from tests.services.long_timeouts import LONG_SECONDS, app_with_long_timeouts
from tests.services.redis import RedisFactory, RedisServer

pytestmark = pytest.mark.long

SECONDS = float(os.environ.get("TEST_TORTURE_SECONDS", "20"))
SEED = int(os.environ.get("TEST_TORTURE_SEED", "1"))
LEASE_SECONDS = 0.5
READERS, WRITERS = 5, 3
ENOUGH = 10
"""Acknowledged records."""


def settings(database: Path, redis_url: str, emulator: str, **more: str) -> dict[str, str]:
    return {
        "SQLITE_PATH": str(database),
        "REDIS_URL": redis_url,
        "CACHE_FRESHNESS_SECONDS": str(LEASE_SECONDS),
        "FIREBASE_AUTH_EMULATOR_HOST": emulator,
        "FIREBASE_PROJECT_ID": AUTH_PROJECT,
        "FIREBASE_API_KEY": "emulator",
        **more,
    }


async def tortured(callers: Callers, faults: Faults, ledger: Ledger) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(READERS):
            group.create_task(callers.read())
        for _ in range(WRITERS):
            group.create_task(callers.write())
        group.create_task(faults.until(callers.over))
        await asyncio.sleep(SECONDS)
        # A busy machine may need longer for enough of them.
        async with asyncio.timeout(5 * LONG_SECONDS):
            while ledger.counts["acknowledged"] <= ENOUGH or ledger.counts["faults"] <= 3:  # noqa: ASYNC110 -- plain counts
                await asyncio.sleep(0.1)
        callers.over.set()


async def cached_everywhere(callers: Callers, fleet: Fleet) -> None:
    """After the faults, every instance serves every list from its cache again."""
    limit = time.monotonic() + 2 * LONG_SECONDS
    for instance in fleet.instances:
        for scope in (ALL, *GENRES):
            while (
                "hit" not in (await callers.look(scope, instance.url, {})).headers["Cache-Status"]
            ):
                assert time.monotonic() < limit, f"{scope} is never cached again"


async def test_no_acknowledged_record_is_ever_missed(
    sqlite_file: Path,
    redis_server: RedisFactory,
    auth_emulator: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    redis, ledger = redis_server(), Ledger()
    editor = new_user(auth_emulator, "editor")
    own = settings(sqlite_file, redis.url, auth_emulator)
    # Only the timeouts of Redis stay short: only Redis fails here.
    with Fleet(app_with_long_timeouts(tmp_path, redis=False), own, own, own) as fleet:
        callers = Callers(fleet, ledger, editor.token, SEED)
        await tortured(callers, Faults(redis, fleet, ledger, SEED), ledger)
        for instance in fleet.instances:
            instance.wait()
        await cached_everywhere(callers, fleet)
        await callers.close()
    with capsys.disabled():
        sys.stdout.write(f"\ntorture, seed {SEED}: {ledger.summary()}\n")
    assert ledger.wrong == []
    assert ledger.counts["stale"] == 0
    assert set(ledger.told[ALL]) <= stored_ids(sqlite_file)
    assert ledger.counts["acknowledged"] > ENOUGH
    assert ledger.counts["faults"] > 3


def stored_ids(database: Path) -> set[str]:
    engine = sqlite_engine(database, 1)
    with engine.connect() as connection:
        found = set(connection.execute(sa.select(features.c.track_id)).scalars())
    engine.dispose()
    return found


async def test_a_record_whose_process_died_before_it_answered_is_seen_within_the_window(
    sqlite_file: Path, redis_server: RedisFactory, auth_emulator: str, tmp_path: Path
) -> None:
    """The writer cannot reach Redis; it is killed after the commit, while it waits to answer."""
    redis: RedisServer = redis_server()
    editor, record = new_user(auth_emulator, "editor"), one_record()
    wrong = redis.url.replace("redis://", "redis://nobody:wrong@")
    writes = settings(sqlite_file, wrong, auth_emulator, CACHE_FRESHNESS_SECONDS="2")
    reads = settings(sqlite_file, redis.url, auth_emulator, CACHE_FRESHNESS_SECONDS="2")
    headers = {"Authorization": f"Bearer {editor.token}"}
    with Fleet(app_with_long_timeouts(tmp_path, redis=False), writes, reads) as fleet:
        writer, reader = fleet.instances
        async with httpx.AsyncClient(timeout=LONG_SECONDS) as client:
            await client.get(f"{reader.url}/features")
            post = client.post(f"{writer.url}/features/new", json=record, headers=headers)
            answer = asyncio.create_task(post)
            while record["track_id"] not in stored_ids(sqlite_file):
                assert not answer.done(), answer.result().text
                await asyncio.sleep(0.02)
            writer.kill()
            assert isinstance((await asyncio.gather(answer, return_exceptions=True))[0], Exception)
            # The lease ends and shows the record; without it the old list would live for an hour.
            async with asyncio.timeout(LONG_SECONDS):
                while record not in await core(client, reader.url):  # noqa: ASYNC110 -- of a process
                    await asyncio.sleep(0.05)


async def core(client: httpx.AsyncClient, url: str) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = (await client.get(f"{url}/features")).json()
    return listed


def one_record() -> dict[str, object]:
    record: dict[str, object] = {"genre": "Pop", "artist_name": "A", "track_name": "T"}
    return record | {"track_id": f"{7:022}", "popularity": 1, "duration_ms": 20000}
