"""Connections that idle, break, or whose caller is cancelled."""

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
from tests.faults.conftest import OpenedStore, OpenStore
from tests.faults.frozen_time import HIT_PATH, seconds_of, seconds_until_unavailable
from tests.faults.tcp_proxy import Proxy
from tests.services.redis import RedisFactory
from tests.services.required_service import required_service

SCOPES = [f"Pop {number}" for number in range(8)]
VERSIONS = [Version("here", number) for number in range(len(SCOPES))]


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
    """Give every scope another version, so that their answers differ."""
    async with aclosing(RedisStage(url)) as stage:
        for scope, version in zip(SCOPES, VERSIONS, strict=True):
            await stage.set(scope, State(version, version))


async def test_a_cancelled_callers_answer_is_never_given_to_the_next(
    url: str, open_store: OpenStore
) -> None:
    await numbered(url)
    opened, rng = open_store(url), random.Random(7)  # noqa: S311 -- moments, no secret
    for round_ in range(200):
        calls = [asyncio.create_task(opened.store.fetch(scope, ["core"])) for scope in SCOPES]
        for _ in range(rng.randrange(40)):
            await asyncio.sleep(0)
        for task in calls:
            task.cancel()
        number = round_ % len(SCOPES)
        copy = await opened.store.fetch(SCOPES[number], ["core"])
        assert copy is not None
        assert copy.version.number == number
        await asyncio.gather(*calls, return_exceptions=True)


async def test_an_answer_that_came_too_late_is_never_given_to_the_next(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    server = redis_server()
    await numbered(server.url)
    async with Proxy(server.port) as proxy:
        opened = open_store(f"redis://127.0.0.1:{proxy.port}/0")
        for number, scope in enumerate(SCOPES):
            # In each direction, so that the answer comes too late.
            proxy.delay = CONTROL_SECONDS * 0.8
            await seconds_until_unavailable(partial(opened.store.fetch, scope, ["core"]))
            await seconds_of(asyncio.sleep(CONTROL_SECONDS))
            proxy.delay = 0.0
            next_one = (number + 1) % len(SCOPES)
            copy = await opened.store.fetch(SCOPES[next_one], ["core"])
            assert copy is not None
            assert copy.version.number == next_one


async def busy(opened: OpenedStore) -> None:
    """Open ten connections, as a burst of requests does."""
    await asyncio.gather(*(opened.store.fetch(SCOPES[0], [str(n)]) for n in range(10)))


async def cut_connections(url: str) -> None:
    async with aclosing(RedisStage(url)) as stage:
        await stage.cut_connections()


async def test_connections_that_the_server_closed_while_idle_cost_one_caller_at_most(
    url: str, open_store: OpenStore
) -> None:
    await numbered(url)
    opened = open_store(url)
    await busy(opened)
    await cut_connections(url)
    failed = 0
    for _ in range(20):
        try:
            await opened.store.fetch(SCOPES[0], ["core"])
        except StoreUnavailable:
            failed += 1
    assert failed <= 1


async def test_connections_that_the_server_closed_open_no_circuit(
    url: str, open_store: OpenStore
) -> None:
    await numbered(url)
    opened = open_store(url)
    for _ in range(5):
        await busy(opened)
        await cut_connections(url)
        answers = await asyncio.gather(*(opened.circuit.known_version(scope) for scope in SCOPES))
        assert [answer.version for answer in answers] == VERSIONS
    assert not opened.events.counts


async def test_connections_that_died_in_silence_cost_one_caller_his_bound(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    """A firewall forgot them. Without care, one caller after another would time out on each."""
    server = redis_server()
    await numbered(server.url)
    async with Proxy(server.port) as proxy:
        opened = open_store(f"redis://127.0.0.1:{proxy.port}/0")
        await busy(opened)
        assert proxy.hush() >= 10
        known_version = partial(opened.store.known_version, "Pop 3")
        assert await seconds_until_unavailable(known_version) <= HIT_PATH
        answers = await asyncio.gather(*(opened.store.known_version(scope) for scope in SCOPES))
        assert [answer.version for answer in answers] == VERSIONS


async def test_a_restarted_server_is_found_again_and_tells_that_it_is_another(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    server = redis_server()
    await numbered(server.url)
    opened = open_store(server.url)
    before = await opened.store.known_version("Pop 3")
    server.kill()
    await seconds_until_unavailable(lambda: opened.store.known_version("Pop 3"))
    server.restart()
    after = await opened.store.known_version("Pop 3")
    assert after.version is None
    assert after.connected_at > before.connected_at


async def test_a_wiped_server_answers_that_it_knows_nothing(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    server = redis_server()
    await numbered(server.url)
    opened = open_store(server.url)
    await opened.store.known_version("Pop 3")
    async with Redis.from_url(server.url) as admin:
        await admin.flushall()
    assert (await opened.store.known_version("Pop 3")).version is None
    assert await opened.store.fetch("Pop 3", ["core"]) is None
