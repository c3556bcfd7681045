"""Real servers that are frozen, killed, slowed down and misled."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.background import Background
from shared.catalog.breaker import CircuitBreaker
from shared.catalog.redis.store import RedisStore
from shared.clock import boottime
from shared.telemetry import CountedEvents
from tests.faults.outages import OUTAGES, Outage, outage
from tests.services.redis import RedisFactory


@dataclass(frozen=True)
class Way:
    """A store, the circuit before it, and what was counted; as one process has them."""

    store: RedisStore
    circuit: CircuitBreaker
    events: CountedEvents
    background: Background


type Open = Callable[[str], Way]


@pytest.fixture
async def open_way() -> AsyncIterator[Open]:
    """`open_way(url)`; closed after the test, when nothing of it may run any more."""
    ways: list[Way] = []
    background = Background()

    def open_(url: str) -> Way:
        store, events = RedisStore(url, clock=boottime, background=background), CountedEvents()
        circuit = CircuitBreaker(store, clock=boottime, background=background, events=events)
        ways.append(Way(store, circuit, events, background))
        return ways[-1]

    yield open_
    await background.drain()
    for way in ways:
        await way.store.close()


@pytest.fixture(params=OUTAGES)
async def any_outage(
    request: pytest.FixtureRequest, redis_server: RedisFactory, tmp_path: Path
) -> AsyncIterator[Outage]:
    async with outage(request.param, redis_server, tmp_path) as made:
        yield made
