"""Fixtures for tests with Redis servers that are frozen, killed, slow, or refuse."""

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
from tests.faults.frozen_time import FrozenTimeLoop, frozen_loop, seconds_of
from tests.faults.redis_outages import OUTAGES, Outage, outage
from tests.services.redis import RedisFactory


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Use a loop whose time stands still, except in tests with several processes."""
    return {"loop": asyncio.new_event_loop if "torture" in item.path.parts else FrozenTimeLoop}


@dataclass(frozen=True)
class OpenedStore:
    """A RedisStore, the circuit breaker in front of it, and their events."""

    store: RedisStore
    circuit: CircuitBreaker
    events: CountedEvents
    runtime: Runtime


class OpenStore(Protocol):
    def __call__(self, url: str) -> OpenedStore: ...


@pytest.fixture
async def open_store() -> AsyncIterator[OpenStore]:
    """`open_store(url)`, on the loop's clock; closed when its background tasks have ended."""
    all_opened: list[OpenedStore] = []
    background = Background(expected=(StoreUnavailable,))
    clock = frozen_loop().time

    def open_(url: str) -> OpenedStore:
        events = CountedEvents()
        runtime = Runtime(clock, background, ThreadWorkers(1, "work"), events)
        # On the real clock, so that two connections never have equal times.
        store = RedisStore(url, replace(runtime, clock=boottime))
        circuit = CircuitBreaker(store, runtime)
        all_opened.append(OpenedStore(store, circuit, events, runtime))
        return all_opened[-1]

    yield open_
    await seconds_of(background.drain())
    for opened in all_opened:
        await opened.store.close()


@pytest.fixture(params=OUTAGES)
async def any_outage(
    request: pytest.FixtureRequest, redis_server: RedisFactory, tmp_path: Path
) -> AsyncIterator[Outage]:
    async with outage(request.param, redis_server, tmp_path) as made:
        yield made
