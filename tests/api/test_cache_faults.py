"""What happens when a caller disconnects, and when Redis holds damaged bytes."""

import asyncio
from typing import Any

import pytest
import redis.asyncio as aioredis

from shared.cache.list_format import ListFormat
from shared.telemetry import Count, CountedEvents
from shared.tracks.track import Track, View
from tests.api.api_client import MakeApi
from tests.services.redis import RedisFactory

KEY = "spotify:features:Pop"
TARGET = "/features/custom?arg=Pop"
NEW = Track("Pop", "A", "T", "0" * 22, 1, 20_000)
FORM = ListFormat(100_000)


@pytest.mark.parametrize("field", [FORM.head_field(View.CORE), *FORM.body_fields(View.CORE)])
async def test_damaged_bytes_are_a_miss_counted_and_replaced(
    make_api: MakeApi, redis_server: RedisFactory, field: str
) -> None:
    url, events = redis_server().url, CountedEvents()
    one, other = make_api(redis_url=url), make_api(redis_url=url, events=events)
    right = await one.get(TARGET)
    await one.services.background.drain()
    async with aioredis.from_url(url) as client:
        whole: Any = await client.hget(KEY, field)
        await client.hset(KEY, field, whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        answer = await other.get(TARGET)
        await other.services.background.drain()
        assert (answer.status, answer.body) == (200, right.body)
        assert events.counts[Count.LIST_UNREADABLE] == 1
        assert await client.hget(KEY, field) == whole


async def test_a_write_whose_caller_is_cancelled_leaves_a_record_that_every_read_shows(
    make_api: MakeApi, redis_server: RedisFactory
) -> None:
    url = redis_server().url
    one, other = make_api(redis_url=url), make_api(redis_url=url)
    before = (await other.get(TARGET)).json()
    write = asyncio.create_task(one.services.writer.add(NEW))
    await asyncio.sleep(0)
    write.cancel()
    await asyncio.gather(write, return_exceptions=True)
    await one.services.background.drain()
    assert write.cancelled()
    after = (await other.get(TARGET)).json()
    assert [record["track_id"] for record in after[len(before) :]] == [NEW.track_id]
