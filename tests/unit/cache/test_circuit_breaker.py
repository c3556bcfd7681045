"""The circuit breaker: one caller waits for a store that is unavailable, the others do not."""

import asyncio

import pytest

from shared.cache.circuit_breaker import (
    OPEN_SECONDS,
    REFUSED_LOG_SECONDS,
    RETRY_SECONDS,
    CircuitBreaker,
)
from shared.cache.store import ConnectionLost, KnownVersion, StoreRefused, StoreUnavailable
from shared.repository.versions import Version
from shared.telemetry import Count, CountedEvents
from tests.unit.cache.scripted_store import ScriptedStore
from tests.unit.cache.virtual_time import now, seconds_of, virtual, virtual_runtime
from tests.unit.captured_log import captured_log

TIMEOUT = 0.2
V5 = Version("here", 5)


def breaker(store: ScriptedStore, events: CountedEvents | None = None) -> CircuitBreaker:
    return CircuitBreaker(store, virtual_runtime(events))


class ClosesIdleConnections(ScriptedStore):
    """The first command finds its connection closed; a new one is made for the next."""

    async def known_version(self, scope: str) -> KnownVersion:
        self.fault = ConnectionLost() if not self.calls else None
        return await super().known_version(scope)


async def opened(store: ScriptedStore) -> CircuitBreaker:
    store.seconds, store.fault = TIMEOUT, StoreUnavailable()
    circuit = breaker(store)
    with pytest.raises(StoreUnavailable):
        await circuit.known_version("Pop")
    return circuit


@virtual
async def test_a_closed_circuit_passes_commands_on() -> None:
    circuit = breaker(ScriptedStore())
    assert (await circuit.known_version("Pop")).version is None
    assert not circuit.is_open


@virtual
async def test_one_failure_opens_it_and_the_next_caller_pays_nothing() -> None:
    store = ScriptedStore()
    circuit = await opened(store)
    assert circuit.is_open
    for _ in range(20):
        assert await seconds_of(circuit.known_version("Pop")) < 0.001
        assert await seconds_of(circuit.advance("Pop", V5)) < 0.001
        await asyncio.sleep(0.01)
    assert len(store.calls) == 1


@virtual
async def test_every_method_answers_at_once_while_it_is_open() -> None:
    circuit = await opened(ScriptedStore())
    calls = [
        circuit.known_version("Pop"),
        circuit.advance("Pop", V5),
        circuit.fetch("Pop", []),
        circuit.put("Pop", V5, {}, ttl=1),
        circuit.lock("Pop", "mine", 1),
        circuit.unlock("Pop", "mine"),
        circuit.discard("Pop"),
        circuit.ping(),
    ]
    began = now()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(answer) for answer in answers} == {StoreUnavailable}
    assert now() - began < 0.001


@virtual
async def test_the_store_is_tried_again_in_the_background() -> None:
    store = ScriptedStore()
    circuit = await opened(store)
    await asyncio.sleep(OPEN_SECONDS)
    for _ in range(15):
        assert await seconds_of(circuit.known_version("Pop")) < 0.001
        await asyncio.sleep(0.01)
    assert len(store.calls) == 2


@virtual
async def test_it_closes_soon_after_the_store_is_back() -> None:
    store = ScriptedStore()
    circuit = await opened(store)
    store.seconds, store.fault = 0.001, None
    back = now()
    while circuit.is_open:
        await seconds_of(circuit.known_version("Pop"))
        await asyncio.sleep(0.01)
    assert now() - back < OPEN_SECONDS + 0.05
    assert (await circuit.known_version("Pop")).version is None


@virtual
async def test_a_store_that_stays_unavailable_is_tried_once_in_each_period() -> None:
    store = ScriptedStore()
    circuit = await opened(store)
    while now() < 10:
        await seconds_of(circuit.known_version("Pop"))
        await asyncio.sleep(0.01)
    assert len(store.calls) <= 10


@virtual
async def test_a_connection_that_broke_is_tried_once_more_on_another_one() -> None:
    store, events = ClosesIdleConnections(), CountedEvents()
    circuit = breaker(store, events)
    assert (await circuit.known_version("Pop")).version is None
    assert len(store.calls) == 2
    assert not circuit.is_open
    assert not events.counts


@virtual
async def test_a_store_that_refuses_connections_is_unavailable_after_the_second_try() -> None:
    store = ScriptedStore(fault=ConnectionLost())
    circuit = breaker(store)
    with pytest.raises(StoreUnavailable):
        await circuit.known_version("Pop")
    assert len(store.calls) == 2
    assert circuit.is_open


@virtual
async def test_a_connection_that_broke_late_leaves_no_time_for_another_one() -> None:
    store = ScriptedStore(seconds=RETRY_SECONDS + 0.01, fault=ConnectionLost())
    circuit = breaker(store)
    with pytest.raises(StoreUnavailable):
        await circuit.known_version("Pop")
    assert len(store.calls) == 1
    assert circuit.is_open


@virtual
async def test_opening_and_closing_are_logged_once_each_with_the_reason() -> None:
    store = ScriptedStore(fault=StoreUnavailable("AuthenticationError"))
    with captured_log("shared.cache.circuit_breaker") as lines:
        circuit = breaker(store)
        for _ in range(3):
            await seconds_of(circuit.known_version("Pop"))
        store.fault = None
        while circuit.is_open:
            await seconds_of(circuit.known_version("Pop"))
            await asyncio.sleep(0.01)
    assert lines == ["Redis is unavailable: AuthenticationError", "Redis is available again"]


@virtual
async def test_a_refused_command_opens_nothing() -> None:
    """The store is there: it is full, or read-only, and still answers reads."""
    events = CountedEvents()
    circuit = breaker(ScriptedStore(fault=StoreRefused()), events)
    with pytest.raises(StoreRefused):
        await circuit.advance("Pop", V5)
    assert not circuit.is_open
    assert events.counts == {Count.STORE_REFUSED: 1}


@virtual
async def test_what_is_refused_is_logged_once_in_a_while() -> None:
    """A plain client on a cluster is refused for ever, and nothing else would say so."""
    circuit = breaker(ScriptedStore(fault=StoreRefused("MovedError")))
    with captured_log("shared.cache.circuit_breaker") as lines:
        for _ in range(2):
            for _ in range(9):
                with pytest.raises(StoreRefused):
                    await circuit.known_version("Pop")
            await asyncio.sleep(REFUSED_LOG_SECONDS)
    assert lines == ["Redis refuses a command: MovedError"] * 2


@virtual
async def test_opening_and_closing_are_counted_once_each() -> None:
    store, events = ScriptedStore(seconds=TIMEOUT, fault=StoreUnavailable()), CountedEvents()
    circuit = breaker(store, events)
    await asyncio.gather(*(circuit.known_version("Pop") for _ in range(9)), return_exceptions=True)
    store.fault = None
    while circuit.is_open:
        await seconds_of(circuit.known_version("Pop"))
        await asyncio.sleep(0.01)
    assert events.counts == {Count.CIRCUIT_OPENED: 1, Count.CIRCUIT_CLOSED: 1}
