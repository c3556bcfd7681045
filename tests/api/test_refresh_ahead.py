"""A list that is read near its expiry is filled again in the background."""

import redis.asyncio as aioredis

from shared.cache.fills import REFRESH_FRACTION
from tests.api.api_client import Answer, Api, MakeApi
from tests.auth.manual_clock import ManualClock
from tests.services.redis import RedisFactory

TTL = 3600.0
TARGET = "/features/custom?arg=Pop"
KEY = "spotify:features:Pop"


def said(answer: Answer) -> str:
    return answer.headers["Cache-Status"].removeprefix("SmartCache; ").partition(";")[0]


async def read(api: Api) -> Answer:
    """Read a list, and wait for what the read started in the background."""
    answer = await api.get(TARGET)
    await api.services.background.drain()
    return answer


async def test_a_list_asked_for_in_the_last_tenth_of_its_life_never_expires_for_a_caller(
    make_api: MakeApi,
) -> None:
    clock = ManualClock()
    api = make_api(clock=clock)
    assert said(await read(api)) == "fwd=miss"
    for _ in range(3):
        clock.reading += TTL * (1 - REFRESH_FRACTION / 2)
        answer = await read(api)
        assert said(answer) == "hit"
        assert float(answer.headers["Age"]) >= TTL * (1 - REFRESH_FRACTION)


async def test_a_list_asked_for_earlier_is_left_as_it_is(make_api: MakeApi) -> None:
    clock = ManualClock()
    api = make_api(clock=clock)
    await read(api)
    clock.reading += TTL * (1 - REFRESH_FRACTION) - 1
    await read(api)
    clock.reading += TTL * REFRESH_FRACTION + 2
    assert said(await read(api)) == "fwd=miss"


async def test_the_list_in_redis_gets_a_new_life(
    make_api: MakeApi, redis_server: RedisFactory
) -> None:
    url = redis_server().url
    await read(make_api(redis_url=url))
    async with aioredis.from_url(url) as client:
        await client.pexpire(KEY, 60_000)
        assert said(await read(make_api(redis_url=url))) == "hit"
        assert await client.pttl(KEY) > TTL * 1000 * 0.9


async def test_a_caller_who_has_the_list_renews_it_too(
    make_api: MakeApi, redis_server: RedisFactory
) -> None:
    url = redis_server().url
    tag = (await read(make_api(redis_url=url))).headers["ETag"]
    async with aioredis.from_url(url) as client:
        await client.pexpire(KEY, 60_000)
        other = make_api(redis_url=url)
        assert (await other.get(TARGET, If_None_Match=tag)).status == 304
        await other.services.background.drain()
        assert await client.pttl(KEY) > TTL * 1000 * 0.9
