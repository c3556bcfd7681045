"""Connections that idle, break, or lose the caller who waits on them."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from functools import partial

import pytest
from redis.asyncio import Redis

from shared.cache.store import CONTROL_SECONDS, StoreUnavailable
from shared.repository.versions import Version
from tests.contract.store.servers import start_cluster
from tests.contract.store.stages import RedisStage
from tests.contract.store.state import State
from tests.faults.conftest import Open, Way
from tests.faults.proxy import Proxy
from tests.faults.timing import HIT_PATH, seconds_of, seconds_until_away
from tests.services.missing import required_service
from tests.services.redis import RedisFactory

SCOPES = [f"Pop {number}" for number in range(8)]


@pytest.fixture(params=["redis", "cluster"])
def url(
    request: pytest.FixtureRequest,
    redis_server: RedisFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    if request.param == "redis":
        yield redis_server().url
        return
    with ExitStack() as running, required_service():
        nodes = start_cluster(tmp_path_factory.mktemp("cluster"), running)
        yield f"redis+cluster://127.0.0.1:{nodes[0][0]}"


async def numbered(url: str) -> None:
    """Every scope has a version of its own, so that answers can be told apart."""
    async with aclosing(RedisStage(url)) as stage:
        for number, scope in enumerate(SCOPES):
            version = Version("here", number)
            await stage.set(scope, State(version, version))


async def test_a_cancelled_callers_answer_is_never_given_to_the_next(
    url: str, open_way: Open
) -> None:
    await numbered(url)
    way, rng = open_way(url), random.Random(7)  # noqa: S311 -- moments, no secret
    for round_ in range(200):
        calls = [asyncio.create_task(way.store.fetch(scope, ["core"])) for scope in SCOPES]
        for _ in range(rng.randrange(40)):
            await asyncio.sleep(0)
        for task in calls:
            task.cancel()
        number = round_ % len(SCOPES)
        copy = await way.store.fetch(SCOPES[number], ["core"])
        assert copy is not None
        assert copy.version.number == number
        await asyncio.gather(*calls, return_exceptions=True)


async def test_an_answer_that_came_too_late_is_never_given_to_the_next(
    redis_server: RedisFactory, open_way: Open
) -> None:
    server = redis_server()
    await numbered(server.url)
    async with Proxy(server.port) as proxy:
        way = open_way(f"redis://127.0.0.1:{proxy.port}/0")
        for number, scope in enumerate(SCOPES):
            # There and back.
            proxy.delay = CONTROL_SECONDS * 0.8
            await seconds_until_away(partial(way.store.fetch, scope, ["core"]))
            await seconds_of(asyncio.sleep(CONTROL_SECONDS))
            proxy.delay = 0.0
            next_one = (number + 1) % len(SCOPES)
            copy = await way.store.fetch(SCOPES[next_one], ["core"])
            assert copy is not None
            assert copy.version.number == next_one


async def busy(way: Way) -> None:
    """Ten connections, as after a burst of requests."""
    await asyncio.gather(*(way.store.fetch(SCOPES[0], [str(n)]) for n in range(10)))


async def cut_connections(url: str) -> None:
    async with aclosing(RedisStage(url)) as stage:
        await stage.cut_connections()


async def test_connections_that_the_server_closed_while_idle_cost_one_caller_at_most(
    url: str, open_way: Open
) -> None:
    await numbered(url)
    way = open_way(url)
    await busy(way)
    await cut_connections(url)
    failed = 0
    for _ in range(20):
        try:
            await way.store.fetch(SCOPES[0], ["core"])
        except StoreUnavailable:
            failed += 1
    assert failed <= 1


async def test_connections_that_the_server_closed_open_no_circuit(url: str, open_way: Open) -> None:
    await numbered(url)
    way = open_way(url)
    for _ in range(5):
        await busy(way)
        await cut_connections(url)
        answers = await asyncio.gather(*(way.circuit.known_version(scope) for scope in SCOPES))
        assert [answer.version for answer in answers] == [
            Version("here", number) for number in range(len(SCOPES))
        ]
    assert not way.events.counts


async def test_connections_that_died_in_silence_cost_one_caller_his_bound(
    redis_server: RedisFactory, open_way: Open
) -> None:
    """A firewall forgot them all; each of them would time out, one after the other."""
    server = redis_server()
    await numbered(server.url)
    async with Proxy(server.port) as proxy:
        way = open_way(f"redis://127.0.0.1:{proxy.port}/0")
        await busy(way)
        assert proxy.hush() >= 10
        assert await seconds_until_away(lambda: way.store.known_version("Pop 3")) <= HIT_PATH
        answers = await asyncio.gather(*(way.store.known_version(scope) for scope in SCOPES))
        assert [answer.version for answer in answers] == [
            Version("here", number) for number in range(len(SCOPES))
        ]


async def test_a_restarted_server_is_found_again_and_tells_that_it_is_another(
    redis_server: RedisFactory, open_way: Open
) -> None:
    server = redis_server()
    await numbered(server.url)
    way = open_way(server.url)
    before = await way.store.known_version("Pop 3")
    server.kill()
    await seconds_until_away(lambda: way.store.known_version("Pop 3"))
    server.restart()
    after = await way.store.known_version("Pop 3")
    assert after.version is None
    assert after.connected_at > before.connected_at


async def test_a_wiped_server_answers_that_it_knows_nothing(
    redis_server: RedisFactory, open_way: Open
) -> None:
    server = redis_server()
    await numbered(server.url)
    way = open_way(server.url)
    await way.store.known_version("Pop 3")
    async with Redis.from_url(server.url) as admin:
        await admin.flushall()
    assert (await way.store.known_version("Pop 3")).version is None
    assert await way.store.fetch("Pop 3", ["core"]) is None
