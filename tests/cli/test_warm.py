"""`warm`: fills lists in Redis, and reports how many are there."""

import asyncio

import pytest
from redis import Redis

from tests.cli.conftest import Cli
from tests.faults.tcp_proxy import Proxy
from tests.services.redis import RedisServer

pytestmark = pytest.mark.usefixtures("loaded")


def listed(server: RedisServer) -> set[str]:
    with Redis.from_url(server.url, protocol=2, decode_responses=True) as client:
        return {str(key) for key in client.keys("spotify:features:*")}


def test_without_names_every_list_is_stored(cli: Cli, server: RedisServer) -> None:
    ended = cli("warm", REDIS_URL=server.url)
    assert (ended.returncode, ended.stdout) == (0, "In the cache: 27 of 27 lists.\n")
    assert len(listed(server)) == 27


def test_the_named_lists_alone_are_stored_under_any_spelling(cli: Cli, server: RedisServer) -> None:
    ended = cli("warm", "pop", "all", "Pop", REDIS_URL=server.url)
    assert (ended.returncode, ended.stdout) == (0, "In the cache: 2 of 2 lists.\n")
    assert listed(server) == {"spotify:features:Pop", "spotify:features:all"}


def test_a_name_that_is_no_genre_stores_nothing(cli: Cli, server: RedisServer) -> None:
    ended = cli("warm", "Pop", "No such genre", REDIS_URL=server.url)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "no genre 'No such genre'" in ended.stderr
    assert not listed(server)


def test_an_unavailable_redis_is_an_error_and_nothing_is_claimed(
    cli: Cli, server: RedisServer
) -> None:
    server.kill()
    ended = cli("warm", REDIS_URL=server.url)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Redis cannot be used from here: ConnectionError" in ended.stderr


def test_a_redis_that_refuses_a_list_is_an_error_and_nothing_is_claimed(
    cli: Cli, server: RedisServer
) -> None:
    with Redis.from_url(server.url, protocol=2) as client:
        client.config_set("maxmemory", "1")
    ended = cli("warm", "Pop", REDIS_URL=server.url)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "In the cache: 0 of 1 lists. Redis refused" in ended.stderr


def test_without_a_redis_there_is_nothing_to_warm(cli: Cli) -> None:
    ended = cli("warm")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "set REDIS_URL" in ended.stderr


async def test_a_redis_that_is_far_away_is_waited_for(cli: Cli, server: RedisServer) -> None:
    """Slower than the app's own timeout."""
    async with Proxy(server.port) as proxy:
        proxy.delay = 0.15
        url = f"redis://127.0.0.1:{proxy.port}/0"
        ended = await asyncio.to_thread(cli, "warm", "Pop", REDIS_URL=url)
    assert (ended.returncode, ended.stdout) == (0, "In the cache: 1 of 1 lists.\n")
    assert listed(server) == {"spotify:features:Pop"}
