"""The client's options: what redis-py would otherwise do by itself."""

from typing import Any

import pytest
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import AbstractConnection

from shared.cache.redis.client import Client, Connector

TIMEOUT = 0.2

each_kind = pytest.mark.parametrize(
    "scheme", ["redis", "rediss", "redis+cluster", "rediss+cluster"]
)


async def noted(connection: AbstractConnection) -> None:
    await connection.on_connect()


def client_of(scheme: str) -> Client:
    """A client that has not connected yet."""
    return Connector(f"{scheme}://127.0.0.1:1", timeout=TIMEOUT, on_connect=noted).connect()


def options_of(client: Client) -> list[dict[str, Any]]:
    """The options of each connection: of a cluster those of its first node and of later ones."""
    if isinstance(client, RedisCluster):
        nodes = client.nodes_manager.startup_nodes.values()
        return [*(node.connection_kwargs for node in nodes), client.connection_kwargs]
    return [client.connection_pool.connection_kwargs]


@each_kind
def test_no_command_is_retried_by_the_library(scheme: str) -> None:
    """Its pauses would exceed our timeouts; the circuit breaker decides about a second attempt."""
    client = client_of(scheme)
    # A cluster's client retries by itself, and never lets a node's connections do so.
    retry = client.retry if isinstance(client, RedisCluster) else client.get_retry()
    assert retry is not None
    assert retry.get_retries() == 0


@each_kind
def test_the_protocol_is_resp_2(scheme: str) -> None:
    """With RESP 3 the library asks for maintenance notices, and would lengthen our timeouts."""
    for options in options_of(client_of(scheme)):
        assert options["protocol"] == 2


@each_kind
def test_connecting_and_answers_are_bounded_by_the_timeout(scheme: str) -> None:
    for options in options_of(client_of(scheme)):
        assert options["socket_connect_timeout"] == options["socket_timeout"] == TIMEOUT


@each_kind
def test_every_connection_of_every_node_is_noted_when_it_is_made(scheme: str) -> None:
    """Rule 7 of docs/protocol.md: the nodes of a cluster that are first used later, too."""
    for options in options_of(client_of(scheme)):
        assert options["redis_connect_func"] is noted


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="must begin with one of"):
        client_of("http")
