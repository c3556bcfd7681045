"""What every kind of counters does: in the process, and in every kind of Redis."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.auth.rate_counters import MemoryCounters
from shared.auth.rate_limits import Counters
from shared.runtime import ThreadWorkers
from tests.contract.conftest import NodesOf
from tests.contract.redis_nodes import KINDS, Nodes
from tests.services.rate_counters import counters_on

pytestmark = pytest.mark.usefixtures("rate_windows")
WORKERS = ThreadWorkers(1, "test")
ADDRESSES = ["203.0.113.7", "2001:db8::/64", "unknown", "a{b}c", "é \n", ""]


@asynccontextmanager
async def opened(counters: Counters) -> AsyncIterator[Counters]:
    await counters.prepare()
    yield counters
    await counters.close()


@pytest.fixture(params=["memory", *KINDS])
async def counters(request: pytest.FixtureRequest, nodes_of: NodesOf) -> AsyncIterator[Counters]:
    """Counters of every kind, with nothing counted yet."""
    made: Counters = MemoryCounters(WORKERS)
    if request.param != "memory":
        nodes = nodes_of(request.param)
        nodes.empty()
        made = counters_on(nodes.url, WORKERS)
    async with opened(made) as them:
        yield them


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_rate_is_spent_and_then_refuses(counters: Counters, address: str) -> None:
    assert [await counters.spend(address, "3/minute; 5/hour") for _ in range(3)] == [0, 0, 0]
    assert 0 < await counters.spend(address, "3/minute; 5/hour") <= 61


async def test_the_longer_of_two_rates_refuses_too(counters: Counters) -> None:
    assert [await counters.spend("a", "9/minute; 2/hour") for _ in range(2)] == [0, 0]
    assert 0 < await counters.spend("a", "9/minute; 2/hour") <= 3601


async def test_asking_how_long_to_wait_counts_nothing(counters: Counters) -> None:
    assert [await counters.wait("a", "2/minute; 5/hour") for _ in range(9)] == [0] * 9
    assert [await counters.spend("a", "2/minute; 5/hour") for _ in range(2)] == [0, 0]
    assert 0 < await counters.wait("a", "2/minute; 5/hour") <= 61


async def test_keys_are_counted_apart(counters: Counters) -> None:
    assert await counters.spend("a", "1/minute") == 0
    assert await counters.spend("b", "1/minute") == 0
    assert await counters.spend("a", "1/minute") > 0


async def test_events_are_counted(counters: Counters) -> None:
    assert [await counters.count("a", 3600) for _ in range(3)] == [1, 2, 3]
    assert await counters.count("b", 3600) == 1


async def test_instances_share_what_is_in_redis(nodes: Nodes) -> None:
    async with (
        opened(counters_on(nodes.url, WORKERS)) as one,
        opened(counters_on(nodes.url, WORKERS)) as other,
    ):
        assert await one.spend("a", "2/minute") == 0
        assert await other.spend("a", "2/minute") == 0
        assert await one.spend("a", "2/minute") > 0
        assert await one.count("a", 60) == 1
        assert await other.count("a", 60) == 2


async def test_a_server_that_forgot_the_scripts_gets_them_again(nodes: Nodes) -> None:
    async with opened(counters_on(nodes.url, WORKERS)) as counters:
        assert await counters.spend("a", "2/minute") == 0
        nodes.command("SCRIPT FLUSH")
        assert await counters.spend("a", "2/minute") == 0
        assert await counters.spend("a", "2/minute") > 0
