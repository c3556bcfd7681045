"""A Redis that is away: what it costs at most, and how it is found again."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from shared.cache.circuit_breaker import OPEN_SECONDS
from shared.cache.single_flight import NextRun
from shared.cache.store import Store, StoreUnavailable
from shared.repository.versions import Version
from tests.faults.conftest import Open, Way
from tests.faults.outages import Outage
from tests.faults.timing import AT_ONCE, HIT_PATH, seconds_of, seconds_until_away, standing_loop

pytestmark = pytest.mark.long

V5 = Version("here", 5)

CALLS: dict[str, Callable[[Store], Coroutine[Any, Any, object]]] = {
    "newest": lambda store: store.known_version("Pop"),
    "advance": lambda store: store.advance("Pop", V5),
    "fetch": lambda store: store.fetch("Pop", ["core"]),
    "put": lambda store: store.put("Pop", V5, {"core": b"x"}, ttl=10),
    "lock": lambda store: store.lock("Pop", "mine", 5),
    "unlock": lambda store: store.unlock("Pop", "mine"),
    "discard": lambda store: store.discard("Pop"),
    "ping": lambda store: store.ping(),
}


async def used(way: Way) -> None:
    """As a process that has run for a while: all its connections are made, if they can be."""
    calls = asyncio.gather(
        *(way.store.fetch("Pop", [], size=1) for _ in range(3)),
        *(way.store.known_version(f"Pop {number}") for number in range(5)),
        return_exceptions=True,
    )
    await seconds_of(calls)


@pytest.mark.parametrize("call", CALLS)
async def test_every_call_says_so_within_its_bound(
    any_outage: Outage, open_way: Open, call: str
) -> None:
    way = open_way(any_outage.url)
    await used(way)
    any_outage.begin()
    assert await seconds_until_away(partial(CALLS[call], way.store)) <= HIT_PATH


async def test_fifty_callers_at_once_wait_no_longer_than_one(
    any_outage: Outage, open_way: Open
) -> None:
    way = open_way(any_outage.url)
    await used(way)
    any_outage.begin()
    calls = [partial(way.store.known_version, f"Pop {number % 8}") for number in range(50)]
    assert await seconds_of(asyncio.gather(*map(seconds_until_away, calls))) <= HIT_PATH


async def test_one_who_asks_a_moment_later_waits_no_longer(
    any_outage: Outage, open_way: Open
) -> None:
    way = open_way(any_outage.url)
    await used(way)
    any_outage.begin()
    known = NextRun(way.circuit.known_version, way.runtime)

    async def ask_a_moment_later() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        with pytest.raises(StoreUnavailable):
            await known.ask("Pop")

    both = asyncio.gather(known.ask("Pop"), ask_a_moment_later(), return_exceptions=True)
    assert await seconds_of(both) <= HIT_PATH
    first, later = await both
    assert isinstance(first, StoreUnavailable)
    assert later is None


async def test_behind_the_open_circuit_nobody_waits(any_outage: Outage, open_way: Open) -> None:
    way = open_way(any_outage.url)
    await used(way)
    any_outage.begin()
    await seconds_until_away(lambda: way.circuit.known_version("Pop"))
    assert way.circuit.is_open
    for call in CALLS.values():
        assert await seconds_until_away(partial(call, way.circuit)) < AT_ONCE


@pytest.mark.parametrize("any_outage", ["refused", "silent", "slow"], indirect=True)
async def test_the_circuit_closes_by_itself_when_the_outage_ends(
    any_outage: Outage, open_way: Open
) -> None:
    assert any_outage.end is not None
    way = open_way(any_outage.url)
    await used(way)
    any_outage.begin()
    await seconds_until_away(lambda: way.circuit.known_version("Pop"))
    any_outage.end()
    await standing_loop().advance(OPEN_SECONDS)
    with pytest.raises(StoreUnavailable):
        await way.circuit.known_version("Pop")
    await way.runtime.background.drain()
    assert not way.circuit.is_open
    assert (await way.circuit.known_version("Pop")).version is None


async def test_no_task_outlives_an_outage(any_outage: Outage, open_way: Open) -> None:
    way = open_way(any_outage.url)
    await used(way)
    before = asyncio.all_tasks()
    any_outage.begin()
    calls = [call(way.circuit) for call in CALLS.values() for _ in range(5)]
    await seconds_of(asyncio.gather(*calls, return_exceptions=True))
    await way.store.close()
    await way.runtime.background.drain()
    left = {task for task in asyncio.all_tasks() - before if "Proxy" not in repr(task)}
    assert not left
