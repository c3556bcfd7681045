"""Real servers that are frozen, killed, slowed down and misled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from shared.cache.circuit_breaker import CircuitBreaker
from shared.cache.redis.redis_store import RedisStore
from shared.runtime import Background, boottime
from shared.telemetry import CountedEvents
from tests.faults.frozen_time import FrozenTimeLoop, frozen_loop, seconds_of
from tests.faults.redis_outages import OUTAGES, Outage, outage
from tests.services.redis import RedisFactory


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Time stands still in these tests; but not while whole processes are tortured."""
    return {"loop": asyncio.new_event_loop if "torture" in item.path.parts else FrozenTimeLoop}


@dataclass(frozen=True)
class Way:
    """A store, the circuit before it, and what was counted; as one process has them."""

    store: RedisStore
    circuit: CircuitBreaker
    events: CountedEvents
    background: Background


class Open(Protocol):
    def __call__(self, url: str) -> Way: ...


@pytest.fixture
async def open_way() -> AsyncIterator[Open]:
    """`open_way(url)`, by the loop's clock; closed when nothing of it may run any more."""
    ways: list[Way] = []
    background, clock = Background(), frozen_loop().time

    def open_(url: str) -> Way:
        events = CountedEvents()
        # Each moment of a connection is another one.
        store = RedisStore(url, clock=boottime, background=background)
        circuit = CircuitBreaker(store, clock=clock, background=background, events=events)
        ways.append(Way(store, circuit, events, background))
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
