"""Each setting of the cache changes what the API answers."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis.asyncio as aioredis

from function_app import ROUTES
from shared.cache.writer import acknowledgement_delay
from shared.errors import DatabaseUnavailable
from shared.http.app import create_app
from shared.telemetry import Count, CountedEvents
from shared.tracks.genres import ALL
from shared.tracks.track import Track, View
from tests.api.api_client import Api, MakeApi
from tests.auth.manual_clock import ManualClock
from tests.services.redis import RedisFactory

KEY = "spotify:features:Pop"
TARGET = "/features/custom?arg=Pop"
NEW = Track("Pop", "A", "T", "0" * 22, 1, 20_000)


@pytest.fixture
def redis_url(redis_server: RedisFactory) -> Iterator[str]:
    """The URL of an empty Redis."""
    with redis_server() as server:
        yield server.url


async def written(api: Api) -> None:
    """Add a record to a list that is stored."""
    await api.get(TARGET)
    await api.services.background.drain()
    await api.services.writer.add(NEW)
    await api.services.background.drain()


@pytest.mark.parametrize(("rebuild", "lists"), [("false", 0), ("true", 1)])
async def test_a_list_is_rebuilt_after_a_write_only_if_that_is_set(
    make_api: MakeApi, redis_url: str, rebuild: str, lists: int
) -> None:
    await written(make_api(redis_url=redis_url, cache_rebuild_after_write=rebuild))
    async with aioredis.from_url(redis_url) as client:
        assert await client.exists(KEY) == lists


@pytest.mark.parametrize(
    ("strict", "waited", "seconds"), [("false", 0, 0.0), ("true", 1, acknowledgement_delay(0.3))]
)
async def test_a_strict_write_waits_although_its_version_was_pushed(
    make_api: MakeApi, redis_url: str, strict: str, waited: int, seconds: float
) -> None:
    events = CountedEvents()
    given = {"cache_strict_ack": strict, "cache_freshness_seconds": 0.3}
    api = make_api(redis_url=redis_url, events=events, **given)
    began = api.services.clock()
    await api.services.writer.add(NEW)
    assert api.services.clock() - began > seconds
    assert events.counts[Count.ACK_WAITED] == waited


async def test_the_warm_up_fills_the_list_of_all(make_api: MakeApi) -> None:
    services = make_api().services
    functions = create_app(ROUTES, services).get_functions()
    (warm_up,) = [one for one in functions if one.get_function_name() == "warmup"]
    function: Any = warm_up.get_user_function()
    await function(None)
    assert services.memory.get((ALL, View.CORE)) is not None


@pytest.mark.parametrize(("seconds", "served"), [(100, (99, 101)), (0, (-1, 1))])
async def test_the_last_list_is_served_for_as_long_as_the_setting_says_while_sql_is_unavailable(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch, seconds: float, served: tuple[int, int]
) -> None:
    clock = ManualClock()
    api = make_api(clock=clock, cache_stale_if_error_seconds=seconds)
    await api.get(TARGET)
    polled = clock.reading

    def away() -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(api.services.database, "_select_versions", away)
    last, refused = served
    if last > 0:
        clock.reading = polled + last
        assert (await api.get(TARGET)).status == 200
    clock.reading = polled + refused
    answer = await api.get(TARGET)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
