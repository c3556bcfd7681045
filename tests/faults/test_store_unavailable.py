"""A Redis that is unavailable: how long a call waits, and how the circuit closes again."""

import asyncio
from functools import partial

import pytest

from shared.cache.circuit_breaker import OPEN_SECONDS
from shared.cache.single_flight import NextRun
from shared.cache.store import StoreUnavailable
from shared.repository.versions import Version
from tests.faults.conftest import OpenedStore, OpenStore
from tests.faults.frozen_time import (
    AT_ONCE,
    HIT_PATH,
    frozen_loop,
    seconds_of,
    seconds_until_unavailable,
)
from tests.faults.redis_outages import Outage
from tests.services.store_commands import COMMANDS

pytestmark = pytest.mark.long

V5 = Version("here", 5)


async def used(opened: OpenedStore) -> None:
    """Open its connections, as in a process that has run for a while."""
    calls = asyncio.gather(
        *(opened.store.fetch("Pop", [], size=1) for _ in range(3)),
        *(opened.store.known_version(f"Pop {number}") for number in range(5)),
        return_exceptions=True,
    )
    await seconds_of(calls)


@pytest.mark.parametrize("call", COMMANDS)
async def test_every_call_says_so_within_its_bound(
    any_outage: Outage, open_store: OpenStore, call: str
) -> None:
    opened = open_store(any_outage.url)
    await used(opened)
    any_outage.begin()
    assert await seconds_until_unavailable(partial(COMMANDS[call], opened.store)) <= HIT_PATH


async def test_fifty_callers_at_once_wait_no_longer_than_one(
    any_outage: Outage, open_store: OpenStore
) -> None:
    opened = open_store(any_outage.url)
    await used(opened)
    any_outage.begin()
    calls = [partial(opened.store.known_version, f"Pop {number % 8}") for number in range(50)]
    assert await seconds_of(asyncio.gather(*map(seconds_until_unavailable, calls))) <= HIT_PATH


async def test_one_who_asks_a_moment_later_waits_no_longer(
    any_outage: Outage, open_store: OpenStore
) -> None:
    opened = open_store(any_outage.url)
    await used(opened)
    any_outage.begin()
    known = NextRun(opened.circuit.known_version, opened.runtime)

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


async def test_behind_the_open_circuit_nobody_waits(
    any_outage: Outage, open_store: OpenStore
) -> None:
    opened = open_store(any_outage.url)
    await used(opened)
    any_outage.begin()
    await seconds_until_unavailable(lambda: opened.circuit.known_version("Pop"))
    assert opened.circuit.is_open
    for call in COMMANDS.values():
        assert await seconds_until_unavailable(partial(call, opened.circuit)) < AT_ONCE


@pytest.mark.parametrize("any_outage", ["refused", "silent", "slow"], indirect=True)
async def test_the_circuit_closes_by_itself_when_the_outage_ends(
    any_outage: Outage, open_store: OpenStore
) -> None:
    assert any_outage.end is not None
    opened = open_store(any_outage.url)
    await used(opened)
    any_outage.begin()
    await seconds_until_unavailable(lambda: opened.circuit.known_version("Pop"))
    any_outage.end()
    await frozen_loop().advance(OPEN_SECONDS)
    with pytest.raises(StoreUnavailable):
        await opened.circuit.known_version("Pop")
    await opened.runtime.background.drain()
    assert not opened.circuit.is_open
    assert (await opened.circuit.known_version("Pop")).version is None


async def test_no_task_outlives_an_outage(any_outage: Outage, open_store: OpenStore) -> None:
    opened = open_store(any_outage.url)
    await used(opened)
    before = asyncio.all_tasks()
    any_outage.begin()
    calls = [call(opened.circuit) for call in COMMANDS.values() for _ in range(5)]
    await seconds_of(asyncio.gather(*calls, return_exceptions=True))
    await opened.store.close()
    await opened.runtime.background.drain()
    left = {task for task in asyncio.all_tasks() - before if "Proxy" not in repr(task)}
    assert not left
