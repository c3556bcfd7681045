"""Real servers that are frozen, killed, slowed down and misled."""

import gc
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from shared.background import Background
from shared.catalog.breaker import CircuitBreaker
from shared.catalog.redis.store import RedisStore
from shared.catalog.store import CONTROL_SECONDS
from shared.clock import Clock, boottime
from shared.telemetry import CountedEvents
from tests.faults.outages import OUTAGES, Outage, outage
from tests.services.redis import RedisFactory


@pytest.fixture(scope="package", autouse=True)
def short_collections() -> Iterator[None]:
    """What other tests have imported is set aside: to look through it stops every clock here."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@dataclass(frozen=True)
class Way:
    """A store, the circuit before it, and what was counted; as one process has them."""

    store: RedisStore
    circuit: CircuitBreaker
    events: CountedEvents
    background: Background


class Open(Protocol):
    def __call__(
        self, url: str, control_seconds: float = CONTROL_SECONDS, *, clock: Clock = boottime
    ) -> Way: ...


@pytest.fixture
async def open_way() -> AsyncIterator[Open]:
    """`open_way(url)`; closed after the test, when nothing of it may run any more.

    With the product's bound on an answer and the circuit's clock, unless the test is not about
    time.
    """
    ways: list[Way] = []
    background = Background()

    def open_(
        url: str, control_seconds: float = CONTROL_SECONDS, *, clock: Clock = boottime
    ) -> Way:
        events = CountedEvents()
        store = RedisStore(
            url, clock=boottime, background=background, control_seconds=control_seconds
        )
        circuit = CircuitBreaker(store, clock=clock, background=background, events=events)
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
