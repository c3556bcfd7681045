"""Real servers that are frozen, killed, slowed down and misled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pytest

from shared.cache.circuit_breaker import CircuitBreaker
from shared.cache.redis.redis_store import RedisStore
from shared.cache.store import StoreUnavailable
from shared.runtime import Background, Runtime, ThreadWorkers, boottime
from shared.telemetry import CountedEvents
from tests.faults.outages import OUTAGES, Outage, outage
from tests.faults.timing import StandingLoop, seconds_of, standing_loop
from tests.services.redis import RedisFactory


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Time stands still in these tests; but not while whole processes are tortured."""
    return {"loop": asyncio.new_event_loop if "torture" in item.path.parts else StandingLoop}


@dataclass(frozen=True)
class Way:
    """A store, the circuit before it, and what was counted; as one process has them."""

    store: RedisStore
    circuit: CircuitBreaker
    events: CountedEvents
    runtime: Runtime


class Open(Protocol):
    def __call__(self, url: str) -> Way: ...


@pytest.fixture
async def open_way() -> AsyncIterator[Open]:
    """`open_way(url)`, by the loop's clock; closed when nothing of it may run any more."""
    ways: list[Way] = []
    background = Background(expected=(StoreUnavailable,))
    clock = standing_loop().time

    def open_(url: str) -> Way:
        events = CountedEvents()
        runtime = Runtime(clock, background, ThreadWorkers(1, "work"), events)
        # Each moment of a connection is another one.
        store = RedisStore(url, replace(runtime, clock=boottime))
        circuit = CircuitBreaker(store, runtime)
        ways.append(Way(store, circuit, events, runtime))
        return ways[-1]

    yield open_
    await seconds_of(background.drain())
    for way in ways:
        await way.store.close()


@pytest.fixture(params=OUTAGES)
async def any_outage(
    request: pytest.FixtureRequest, redis_server: RedisFactory, tmp_path: Path
) -> AsyncIterator[Outage]:
    async with outage(request.param, redis_server, tmp_path) as made:
        yield made
