"""The acknowledgement of a write: early when the store knows, else when all leases have ended."""

import asyncio

import pytest

from shared.cache.store import NoStore, Store, StoreRefused, StoreUnavailable
from shared.cache.writer import Announcer, acknowledgement_delay
from shared.repository.versions import Version
from shared.telemetry import Count, CountedEvents
from tests.unit.cache.faulty_store import FaultyStore
from tests.unit.cache.virtual_time import now, virtual, virtual_runtime

LEASE_SECONDS = 2.0
BOTH = [("Pop", Version("here", 7)), ("all", Version("here", 8))]


def announcer(
    store: Store, *, strict: bool = False, events: CountedEvents | None = None
) -> Announcer:
    return Announcer(
        store, lease_seconds=LEASE_SECONDS, strict=strict, runtime=virtual_runtime(events)
    )


async def waited(store: Store, *, strict: bool = False) -> float:
    """Seconds from the commit to the acknowledgement."""
    committed_at = now()
    await announcer(store, strict=strict).announce(BOTH, committed_at)
    return now() - committed_at


@pytest.mark.parametrize(("seconds", "delay"), [(2, 2.1), (0.05, 0.1), (1, 1.05), (60, 63)])
def test_leases_have_ended_a_little_after_their_seconds(seconds: float, delay: float) -> None:
    assert acknowledgement_delay(seconds) == pytest.approx(delay)


@virtual
async def test_a_push_of_every_scope_acknowledges_at_once() -> None:
    store = FaultyStore()
    store.state.known_versions = {"Pop": Version("here", 1), "all": Version("here", 1)}
    assert await waited(store) < 0.01
    assert store.state.known_versions == dict(BOTH)


@virtual
async def test_scopes_are_pushed_side_by_side() -> None:
    assert await waited(FaultyStore(seconds=0.15)) < 0.16


@virtual
async def test_one_scope_that_is_not_pushed_waits_until_all_leases_have_ended() -> None:
    store = FaultyStore(fault=StoreUnavailable())
    store.faulty_scopes = {"all"}
    assert (
        acknowledgement_delay(LEASE_SECONDS)
        < await waited(store)
        < acknowledgement_delay(LEASE_SECONDS) + 0.01
    )


@virtual
async def test_a_store_that_refuses_is_one_that_was_not_told() -> None:
    assert await waited(FaultyStore(fault=StoreRefused())) > acknowledgement_delay(LEASE_SECONDS)


@virtual
async def test_the_wait_counts_from_the_commit_not_from_the_failure() -> None:
    store = FaultyStore(seconds=0.2, fault=StoreUnavailable())
    assert await waited(store) < acknowledgement_delay(LEASE_SECONDS) + 0.01


@virtual
async def test_a_push_that_fails_is_tried_once_more() -> None:
    store, events = FaultyStore(fault=StoreUnavailable()), CountedEvents()
    await announcer(store, events=events).announce(BOTH[:1], now())
    assert len(store.calls) == 2
    assert events.counts[Count.PUSH_FAILED] == 2
    assert events.counts[Count.ACK_WAITED] == 1


@virtual
async def test_a_push_that_succeeds_the_second_time_acknowledges_at_once() -> None:
    store = FaultyStore(seconds=0.1, fault=StoreUnavailable())
    task = asyncio.create_task(waited(store))
    await asyncio.sleep(0.05)
    store.fault = None
    assert await task < 0.21


@virtual
async def test_strict_acknowledgement_pushes_and_waits_all_the_same() -> None:
    store = FaultyStore()
    assert await waited(store, strict=True) > acknowledgement_delay(LEASE_SECONDS)
    assert len(store.calls) == 2


@virtual
async def test_versions_that_could_not_be_read_back_are_never_made_up() -> None:
    store, committed_at = FaultyStore(), now()
    await announcer(store).announce(None, committed_at)
    assert now() - committed_at > acknowledgement_delay(LEASE_SECONDS)
    assert store.calls == []


@virtual
async def test_without_any_store_a_write_is_acknowledged_at_once() -> None:
    assert await waited(NoStore()) < 0.001
    assert await waited(NoStore(), strict=True) < 0.001
