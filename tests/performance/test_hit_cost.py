"""Bounds on the cost of a hit, in figures that do not depend on the speed of the machine.

`python -m benchmarks.hit` shows the figures by package. A bound is the present figure plus a
seventh; raise it only on purpose.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import redis

from benchmarks.hit import Work, cost, reader
from local.sample_data import write
from shared.services import Services
from shared.settings import Settings
from tests.services.redis import RedisFactory
from tests.services.sample_database import load_into

ROWS: Final = 20_000
INSTRUCTIONS: Final = 8_900
BUFFERS: Final = 400_000
"""Bytes: asyncio reads from a socket into a buffer of 256 KiB."""


@pytest.fixture(scope="module")
def large_database(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose compressed list has a megabyte, more than the buffers."""
    folder = tmp_path_factory.mktemp("large")
    sample, path = folder / "sample.csv", Path(shutil.copy(migrated_file, folder / "large.sqlite"))
    with sample.open("w", encoding="utf-8", newline="") as file:
        for _ in write(file, ROWS):
            pass
    load_into(path, sample)
    return path


@pytest.fixture
async def services(large_database: Path, redis_server: RedisFactory) -> AsyncIterator[Services]:
    # A long lease, so that no poll runs during a measurement.
    settings = Settings.load(
        sqlite_path=large_database, redis_url=redis_server().url, cache_freshness_seconds=60
    )
    running = Services(settings)
    yield running
    await running.close()


@pytest.fixture
async def hit(services: Services) -> Work:
    """A hit on a list that is also stored in Redis, which happens after the first answer."""
    read = reader(services, Accept_Encoding="gzip")
    await read()
    await services.background.drain()
    return read


@pytest.fixture
async def not_modified(services: Services, hit: Work) -> Work:
    answer = await hit()
    return reader(services, Accept_Encoding="gzip", If_None_Match=answer.headers["ETag"])


async def test_a_hit_takes_one_small_round_trip_to_redis(services: Services, hit: Work) -> None:
    with redis.Redis.from_url(services.settings.redis_url.get_secret_value()) as client:
        client.config_resetstat()
        answer = await hit()
        statistics: Any = client.info("commandstats")
        traffic: Any = client.info("stats")
    called = {name: one["calls"] for name, one in statistics.items()}
    called.pop("cmdstat_config|resetstat", None)
    called.pop("cmdstat_info", None)
    assert answer.headers["Cache-Status"].endswith("detail=memory")
    assert called == {"cmdstat_get": 1}
    # Redis also counts its answers to this test.
    assert traffic["total_net_output_bytes"] < 10_000 < len(answer.get_body())


async def test_a_hit_executes_a_bounded_number_of_instructions(hit: Work) -> None:
    measured = await cost(hit)
    assert 1_000 < measured.total < INSTRUCTIONS, measured.instructions.most_common()


async def test_a_304_executes_no_more_instructions_than_a_hit(
    hit: Work, not_modified: Work
) -> None:
    answer = await not_modified()
    assert answer.status_code == 304
    assert (await cost(not_modified)).total < (await cost(hit)).total * 1.1


async def test_a_hit_copies_no_body(hit: Work) -> None:
    answer = await hit()
    assert (await cost(hit)).peak_bytes < BUFFERS < len(answer.get_body())
