"""The headers of a list (Cache-Status, Age, Server-Timing, HEAD), and what a read costs."""

import asyncio
from typing import Any

import http_sf
import pytest
import redis.asyncio as aioredis

from shared.cache.bodies import ListBody
from shared.cache.cached_list import Outcome, Served
from shared.errors import DatabaseUnavailable
from shared.http.list_answer import cache_status
from shared.tracks.track import View
from tests.api.api_client import Answer, Api, MakeApi
from tests.auth.manual_clock import ManualClock
from tests.services.redis import RedisFactory, RedisServer


@pytest.fixture(scope="module")
def redis(redis_server: RedisFactory) -> RedisServer:
    return redis_server()


def _status(text: str) -> dict[str, Any]:
    parsed: Any = http_sf.parse(text.encode(), tltype="list")
    ((name, parameters),) = parsed
    assert str(name) == "SmartCache"
    plain = bool | int
    return {key: one if isinstance(one, plain) else str(one) for key, one in parameters.items()}


@pytest.mark.parametrize("outcome", Outcome)
def test_every_cache_status_is_a_structured_field_with_a_hit_or_a_forward(outcome: Outcome) -> None:
    stored = outcome is Outcome.FILLED
    parameters = _status(cache_status(Served(outcome, age=1.5, remaining=3.7, stored=stored)))
    assert ("hit" in parameters) is not ("fwd" in parameters)
    assert ("stored" in parameters) is stored


async def test_a_fill_is_a_stored_miss_and_the_next_read_a_hit_in_memory(make_api: MakeApi) -> None:
    api = make_api(clock=ManualClock())
    first = _status((await api.get("/features")).headers["Cache-Status"])
    second = _status((await api.get("/features")).headers["Cache-Status"])
    assert first == {"fwd": "miss", "ttl": 3600, "stored": True}
    assert (second["hit"], second["detail"]) == (True, "memory")


async def test_ttl_and_age_of_a_hit_are_counted_from_the_fill(make_api: MakeApi) -> None:
    clock = ManualClock()
    api = make_api(clock=clock)
    await api.get("/features")
    for passed in (0, 7, 1000):
        clock.reading += passed
    answer = await api.get("/features")
    status = _status(answer.headers["Cache-Status"])
    assert status == {"hit": True, "ttl": 3600 - 1007, "detail": "memory"}
    assert answer.headers["Age"] == "1007"


async def test_a_list_of_redis_keeps_the_ttl_and_the_age_of_its_fill(
    make_api: MakeApi, redis: RedisServer
) -> None:
    clock = ManualClock()
    one, other = (make_api(redis_url=redis.url, clock=clock) for _ in range(2))
    target = "/features/custom?arg=Blues"
    assert _status((await filled(one, target)).headers["Cache-Status"])["stored"] is True
    async with aioredis.from_url(redis.url) as client:
        await client.expire("spotify:features:Blues", 1000)
    answer = await other.get(target)
    status = _status(answer.headers["Cache-Status"])
    assert (status["hit"], status["detail"]) == (True, "redis")
    assert 900 < status["ttl"] <= 1000
    assert 2600 <= int(answer.headers["Age"]) < 2700


async def test_a_list_that_no_memory_holds_is_not_said_to_be_stored(make_api: MakeApi) -> None:
    api = make_api(cache_memory_mb=0, clock=ManualClock())
    for _ in range(2):
        status = _status((await api.get("/features")).headers["Cache-Status"])
        assert status == {"fwd": "miss", "ttl": 3600}


async def test_every_read_says_how_long_the_cache_took_and_what_it_did(api: Api) -> None:
    for outcome in ("filled", "memory"):
        given = (await api.get("/features")).headers["Server-Timing"]
        metric, description, duration = given.split(";")
        assert (metric, description) == ("cache", f"desc={outcome}")
        assert float(duration.removeprefix("dur=")) >= 0


async def test_callers_of_one_fill_say_that_they_were_collapsed(api: Api) -> None:
    answers = await asyncio.gather(*[api.get("/features") for _ in range(8)])
    statuses = [_status(answer.headers["Cache-Status"]) for answer in answers]
    assert [status.get("collapsed", False) for status in statuses].count(True) == 7
    assert all(status["stored"] is True for status in statuses)
    assert len({answer.body for answer in answers}) == 1


async def filled(one: Api, target: str) -> Answer:
    """The answer to a read, returned when its list is stored in Redis: it is served before."""
    answer = await one.get(target)
    await one.services.background.drain()
    return answer


async def test_a_list_of_another_instance_is_a_hit_in_redis(
    make_api: MakeApi, redis: RedisServer
) -> None:
    one, other = make_api(redis_url=redis.url), make_api(redis_url=redis.url)
    await filled(one, "/features/custom?arg=Jazz")
    answer = await other.get("/features/custom?arg=Jazz")
    assert _status(answer.headers["Cache-Status"])["detail"] == "redis"


async def test_while_sql_is_unavailable_the_last_list_is_marked_stale(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = await api.get("/features/custom?arg=Soul")

    def away() -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(api.services.database, "_select_versions", away)
    answer = await api.get("/features/custom?arg=Soul")
    status = _status(answer.headers["Cache-Status"])
    assert (answer.status, answer.body) == (200, fresh.body)
    assert (status["hit"], status["detail"]) == (True, "stale-if-error")
    assert isinstance(status["ttl"], int)
    assert status["ttl"] < 0


async def test_the_ttl_of_a_stale_list_is_minus_the_seconds_since_sql_answered(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock()
    api = make_api(clock=clock)
    await api.get("/features/custom?arg=Soul")

    def away() -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(api.services.database, "_select_versions", away)
    for passed, ttl in ((0.5, -1), (99.5, -100)):
        clock.reading += passed
        answer = await api.get("/features/custom?arg=Soul")
        status = _status(answer.headers["Cache-Status"])
        assert status == {"hit": True, "ttl": ttl, "detail": "stale-if-error"}


async def test_a_caller_who_has_the_list_costs_small_reads_of_redis_alone(
    make_api: MakeApi, redis: RedisServer
) -> None:
    one, other = make_api(redis_url=redis.url), make_api(redis_url=redis.url)
    for target in ("/features", "/features?limit=10"):
        tag = (await filled(one, target)).headers["ETag"]
        assert other.services.store is not None
        await other.services.store.ping()
        before = await _bytes_sent(one)
        answer = await other.get(target, If_None_Match=tag)
        sent = await _bytes_sent(one) - before
        assert (answer.status, answer.headers["ETag"]) == (304, tag)
        assert _status(answer.headers["Cache-Status"])["detail"] == "redis"
        assert sent < 4096
        assert len(other.services.memory) == 0


async def test_head_of_a_list_in_redis_fetches_no_body(
    make_api: MakeApi, redis: RedisServer
) -> None:
    one, other = make_api(redis_url=redis.url), make_api(redis_url=redis.url)
    full = await filled(one, "/features?view=full")
    answer = await other.head("/features?view=full")
    assert answer.headers["ETag"] == full.headers["ETag"]
    assert len(other.services.memory) == 0


async def test_an_old_tag_gets_the_list_from_redis(make_api: MakeApi, redis: RedisServer) -> None:
    one, other = make_api(redis_url=redis.url), make_api(redis_url=redis.url)
    full = await filled(one, "/features/custom?arg=Opera")
    answer = await other.get("/features/custom?arg=Opera", If_None_Match='"old"')
    assert (answer.status, answer.body) == (200, full.body)


async def _bytes_sent(api: Api) -> int:
    """Bytes that the server has sent so far, the answer to this query included."""
    async with aioredis.from_url(api.services.settings.redis_url.get_secret_value()) as client:
        return int((await client.info("stats"))["total_net_output_bytes"])


async def test_many_callers_without_gzip_have_the_list_inflated_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.get("/features", Accept_Encoding="gzip")
    inflate, times = ListBody.uncompressed, []

    def counted(body: ListBody) -> bytes:
        times.append(1)
        return inflate(body)

    monkeypatch.setattr(ListBody, "uncompressed", counted)
    reader = api.services.reader
    served = await reader.all(View.CORE)
    bodies = await asyncio.gather(*[reader.uncompressed(served, View.CORE) for _ in range(20)])
    assert len(times) == 1
    assert len({id(body) for body in bodies}) == 1


@pytest.mark.parametrize(
    "target",
    ["/features", "/features?limit=3", "/features/custom?arg=Pop", "/api/version", "/api/health"],
)
async def test_head_answers_the_headers_of_get_and_no_content(api: Api, target: str) -> None:
    await api.get(target)
    full, head = await api.get(target), await api.head(target)
    varying = {"Server-Timing", "X-Request-Id", "Age", "Cache-Status"}
    assert head.body == b""
    assert set(head.headers) == set(full.headers)
    for name in set(full.headers) - varying:
        assert head.headers[name] == full.headers[name]


async def test_head_of_a_list_inflates_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ListBody, "uncompressed", lambda _: pytest.fail("inflated"))
    assert (await api.head("/features")).status == 200
