"""Closing a client whose servers are silent or gone: bounded, complete, and no fault of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.cache.redis.client import Client, Connector, RedisConnections, close
from shared.cache.store import StoreUnavailable
from shared.runtime import Background
from tests.contract.redis_nodes import Nodes
from tests.services.long_timeouts import LONG_SECONDS

SHORT_SECONDS = 0.2
MUCH = b"x" * 30_000_000
"""More than a socket takes in: closing then waits for the server."""


def open_sockets(nodes: Nodes) -> int:
    """Those to the servers: sockets of other tests may close meanwhile."""
    ports = {one.connection_pool.connection_kwargs["port"] for one in nodes.clients}
    sockets = psutil.Process().net_connections()
    return sum(one.raddr != () and one.raddr.port in ports for one in sockets)


def connections_to(nodes: Nodes, background: Background, timeout: float) -> RedisConnections:
    return RedisConnections(nodes.url, timeout=timeout, background=background)


async def send_much(connections: RedisConnections) -> None:
    async with connections.client(LONG_SECONDS) as client:
        await client.set("much", MUCH)


async def test_a_client_of_a_silent_server_is_closed_without_a_fault_in_the_log(
    nodes: Nodes, caplog: pytest.LogCaptureFixture
) -> None:
    background, before = Background(), open_sockets(nodes)
    connections = connections_to(nodes, background, SHORT_SECONDS)
    async with connections.client(LONG_SECONDS) as client:
        await client.get("a")
    nodes.freeze()
    try:
        sending = [send_much(connections) for _ in range(3)]
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
        assert {type(one) for one in outcomes} <= {StoreUnavailable, RedisTimeoutError}
        async with asyncio.timeout(LONG_SECONDS):
            await background.drain()
        assert open_sockets(nodes) == before
    finally:
        nodes.thaw()
    assert "work in the background failed" not in caplog.text


@pytest.mark.parametrize("fault", ["frozen", "none"])
async def test_connections_can_be_closed_whatever_the_server_does(nodes: Nodes, fault: str) -> None:
    connections = connections_to(nodes, Background(), SHORT_SECONDS)
    async with connections.client(LONG_SECONDS) as client:
        await client.get("a")
    if fault == "frozen":
        nodes.freeze()
    try:
        async with asyncio.timeout(LONG_SECONDS):
            await connections.close()
    finally:
        nodes.thaw()
    assert [one for one in connections_of(client) if one.is_connected] == []


def connections_of(client: Client) -> list[AbstractConnection]:
    if isinstance(client, RedisCluster):
        manager = client.nodes_manager
        nodes = [*manager.nodes_cache.values(), *manager.startup_nodes.values()]
        return [one for node in nodes for one in node._connections]
    return [*client.connection_pool._available_connections]


@asynccontextmanager
async def open_client(nodes: Nodes) -> AsyncIterator[Client]:
    connector = Connector(nodes.url, timeout=LONG_SECONDS, on_connect=AbstractConnection.on_connect)
    client = connector.connect()
    await client.initialize()
    await asyncio.gather(*(client.get(f"key {number}") for number in range(12)))
    yield client
    await close(client)


@pytest.mark.parametrize("fault", [RedisTimeoutError("late"), OSError("reset")])
async def test_the_rest_of_a_client_is_closed_when_a_part_fails(
    nodes: Nodes, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_client(nodes) as client:
        before = connections_of(client)
        assert before
        broken = before[0]

        async def fails() -> None:
            raise fault

        monkeypatch.setattr(broken, "disconnect", fails)
        await close(client)
        assert [one for one in before if one.is_connected] == [broken]
        monkeypatch.undo()


async def test_a_fault_of_ours_in_closing_is_not_hidden(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_client(nodes) as client:

        async def fails() -> None:
            raise LookupError

        monkeypatch.setattr(connections_of(client)[0], "disconnect", fails)
        with pytest.raises(LookupError):
            await close(client)
        monkeypatch.undo()
