"""What the connections to Redis tell, and what they cost."""

import asyncio
import ssl
import traceback
from contextlib import aclosing
from unittest.mock import Mock

import pytest
from redis.asyncio.connection import AbstractConnection

from shared.cache.redis.client import Connector
from shared.cache.redis.redis_store import RedisStore
from shared.cache.store import StoreUnavailable
from shared.runtime import Background, boottime
from tests.contract.store.stages import RedisStage, real_runtime
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.redis import RedisFactory


async def test_the_moment_of_the_connection_comes_before_the_answer(
    redis_stage: RedisStage,
) -> None:
    before = boottime()
    known = await redis_stage.store.known_version("Pop")
    assert before < known.connected_at < boottime()


async def test_a_living_connection_keeps_its_moment(redis_stage: RedisStage) -> None:
    first = await redis_stage.store.known_version("Pop")
    second = await redis_stage.store.known_version("Pop")
    assert first.connected_at == second.connected_at


async def test_a_broken_connection_moves_the_moment(redis_stage: RedisStage) -> None:
    """What was pushed to a server that forgot it is known to SQL alone: poll again."""
    first = await redis_stage.store.known_version("Pop")
    before = boottime()
    await redis_stage.cut_connections()
    second = await redis_stage.answered(redis_stage.store)
    assert first.connected_at < before < second.connected_at


async def test_connections_for_lists_do_not_move_the_moment(redis_stage: RedisStage) -> None:
    first = await redis_stage.store.known_version("Pop")
    await redis_stage.store.fetch("Pop", ["core"], size=1000)
    assert (await redis_stage.store.known_version("Pop")).connected_at == first.connected_at


SCOPES = [f"Pop {number}" for number in range(30)]
"""So many that each node of a cluster has some of them."""


async def test_each_nodes_first_connection_moves_the_moment(redis_stage: RedisStage) -> None:
    """Rule 7 of docs/protocol.md: a node that is used later may have lost a push, too."""
    store, nodes = redis_stage.store, await redis_stage.primaries()
    moments = [(await store.known_version(scope)).connected_at for scope in SCOPES]
    assert moments == sorted(moments)
    assert len(set(moments)) == nodes


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster"])
async def test_a_server_that_is_gone_gets_one_attempt(scheme: str) -> None:
    """Whether a command is sent once more is decided by the circuit breaker alone."""
    attempts: list[asyncio.StreamWriter] = []

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        attempts.append(writer)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = RedisStore(
            f"{scheme}://127.0.0.1:{port}", real_runtime(Background()), control_seconds=LONG_SECONDS
        )
        with pytest.raises(StoreUnavailable):
            await store.known_version("Pop")
        await store.close()
    assert len(attempts) == 1


async def test_a_closed_store_leaves_no_connection_open(redis_server: RedisFactory) -> None:
    async with aclosing(RedisStage(redis_server().url)) as stage:
        await stage.store.known_version("Pop")
        await stage.store.fetch("Pop", ["core"], size=1000)
        assert await connections(stage) == 3
        await stage.store.close()
        assert await connections(stage) == 1


async def connections(stage: RedisStage) -> int:
    """How many the server counts, the one that asks included."""
    listed: bytes = await stage.command("CLIENT", "LIST")
    return len(listed.splitlines())


async def test_no_error_shows_the_password(redis_url: str) -> None:
    url = redis_url.replace("redis://", "redis://user:hunter2@")
    store = RedisStore(url, real_runtime(Background()))
    with pytest.raises(StoreUnavailable) as raised:
        await store.known_version("Pop")
    assert "hunter2" not in "".join(traceback.format_exception(raised.value))
    await store.close()


async def test_the_systems_certificates_are_read_once(
    redis_tls_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes 20 ms in which the event loop stands still."""
    read = Mock(wraps=ssl.create_default_context)
    monkeypatch.setattr(ssl, "create_default_context", read)

    connector = Connector(redis_tls_url, timeout=60, on_connect=AbstractConnection.on_connect)
    for _ in range(2):
        client = connector.connect()
        await asyncio.gather(*(client.get("a") for _ in range(3)))
        await client.aclose()
    assert read.call_count == 1
