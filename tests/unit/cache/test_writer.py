"""A write: acknowledged early when the store has its versions, else when all leases have ended.

Facts of docs/protocol.md, rules 10, 12 to 16 and 31.
"""

import asyncio
from dataclasses import replace

import pytest

from shared.cache.circuit_breaker import CircuitBreaker
from shared.cache.store import NoStore, Store, StoreRefused, StoreUnavailable
from shared.cache.writer import Announcer, acknowledgement_delay
from shared.errors import DatabaseUnavailable, OutcomeUnknown, TrackExists
from shared.repository.versions import Version
from shared.telemetry import Count, CountedEvents
from shared.tracks.track import Track
from tests.unit.cache.cache_instance import CacheInstance, here, shown
from tests.unit.cache.scripted_calls import Step, failing
from tests.unit.cache.scripted_database import ScriptedDatabase
from tests.unit.cache.scripted_store import ScriptedStore
from tests.unit.cache.virtual_time import now, seconds_of, virtual, virtual_runtime

LEASE_SECONDS = 2.0
DELAY = acknowledgement_delay(LEASE_SECONDS)
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
    store = ScriptedStore()
    store.state.known_versions = {"Pop": Version("here", 1), "all": Version("here", 1)}
    assert await waited(store) < 0.01
    assert store.state.known_versions == dict(BOTH)


@virtual
async def test_scopes_are_pushed_side_by_side() -> None:
    assert await waited(ScriptedStore(seconds=0.15)) < 0.16


@virtual
async def test_one_scope_that_is_not_pushed_waits_until_all_leases_have_ended() -> None:
    store = ScriptedStore()
    store.when("advance all", *[failing(StoreUnavailable())] * 2)
    assert DELAY < await waited(store) < DELAY + 0.01


@virtual
async def test_a_push_that_the_store_refuses_has_not_arrived() -> None:
    assert await waited(ScriptedStore(fault=StoreRefused())) > DELAY


@virtual
async def test_the_wait_counts_from_the_commit_not_from_the_failure() -> None:
    store = ScriptedStore(seconds=0.2, fault=StoreUnavailable())
    assert await waited(store) < DELAY + 0.01


@virtual
async def test_a_wait_is_longer_than_the_delay_not_equal_to_it() -> None:
    """Rule 6: a lease that began at the commit still serves at the very end of the delay."""
    readings = [DELAY, DELAY + 0.001]
    runtime = virtual_runtime(clock=lambda: readings.pop(0))
    announcer = Announcer(
        ScriptedStore(), lease_seconds=LEASE_SECONDS, strict=True, runtime=runtime
    )
    await announcer.announce([], committed_at=0)
    assert readings == []


@virtual
async def test_a_push_that_fails_is_tried_once_more() -> None:
    store, events = ScriptedStore(fault=StoreUnavailable()), CountedEvents()
    await announcer(store, events=events).announce(BOTH[:1], now())
    assert len(store.calls) == 2
    assert events.counts[Count.PUSH_FAILED] == 2
    assert events.counts[Count.ACK_WAITED] == 1


@virtual
async def test_a_push_that_succeeds_the_second_time_acknowledges_at_once() -> None:
    store = ScriptedStore(seconds=0.1, fault=StoreUnavailable())
    task = asyncio.create_task(waited(store))
    await asyncio.sleep(0.05)
    store.fault = None
    assert await task < 0.21


@virtual
async def test_strict_acknowledgement_pushes_and_waits_all_the_same() -> None:
    store = ScriptedStore()
    assert await waited(store, strict=True) > DELAY
    assert len(store.calls) == 2


@virtual
async def test_versions_that_could_not_be_read_back_are_never_made_up() -> None:
    store, committed_at = ScriptedStore(), now()
    await announcer(store).announce(None, committed_at)
    assert now() - committed_at > DELAY
    assert store.calls == []


@virtual
async def test_an_open_circuit_is_not_an_environment_without_a_store() -> None:
    """Rule 15: the store is there, and other instances may still serve what it has."""
    circuit = CircuitBreaker(ScriptedStore(fault=StoreUnavailable()), virtual_runtime())
    with pytest.raises(StoreUnavailable):
        await circuit.ping()
    assert circuit.is_open
    assert await waited(circuit) > DELAY


@virtual
async def test_without_any_store_a_write_is_acknowledged_at_once() -> None:
    assert await waited(NoStore()) < 0.001
    assert await waited(NoStore(), strict=True) < 0.001


# The Writer: from the insert to the acknowledgement, and the rebuild after it.

TRACK = Track("Pop", "Artist", "Title", "track 1", 1, duration_ms=1)


def scripted() -> tuple[ScriptedDatabase, ScriptedStore]:
    """SQL and a store that agree: version 1 of every list."""
    store = ScriptedStore()
    store.state.known_versions = {"Pop": here(1), "all": here(1)}
    return ScriptedDatabase(), store


@virtual
async def test_a_write_pushes_the_versions_that_its_commit_has() -> None:
    database, store = scripted()
    database.numbers["all"] = 7
    assert await seconds_of(CacheInstance(database, store).writer.add(TRACK)) < 0.1
    assert store.state.known_versions == {"Pop": here(2), "all": here(8)}


@virtual
async def test_a_push_never_creates_a_known_version() -> None:
    """Rule 12: it has no owner, for it read no version while it owned the fill lock."""
    database, _ = scripted()
    store = ScriptedStore()
    await CacheInstance(database, store).writer.add(TRACK)
    assert store.state.known_versions == {}


@virtual
async def test_a_wait_counts_from_the_reply_to_the_insert_never_from_its_begin() -> None:
    """The commit may have happened a moment before the reply, and leases begin until then."""
    database, store = scripted()
    store.fault = StoreUnavailable()
    database.seconds = 1.0
    began = now()
    await CacheInstance(database, store).writer.add(TRACK)
    assert now() > began + database.seconds + DELAY


@virtual
async def test_a_write_that_failed_pushes_nothing() -> None:
    database, store = scripted()
    database.fault = DatabaseUnavailable()
    with pytest.raises(DatabaseUnavailable):
        await CacheInstance(database, store).writer.add(TRACK)
    assert (database.calls, store.calls) == (["insert"], [])


@virtual
async def test_a_caller_who_leaves_does_not_stop_the_write() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    caller = asyncio.create_task(instance.writer.add(TRACK))
    await asyncio.sleep(0.005)
    caller.cancel()
    await instance.settle()
    assert store.state.known_versions == {"Pop": here(2), "all": here(2)}


@virtual
async def test_a_version_that_was_written_counts_as_seen() -> None:
    """Rule 10: if SQL is restored to before the write, this instance can prove it."""
    database, store = scripted()
    instance = CacheInstance(database, store)
    await instance.writer.add(TRACK)
    assert await instance.rollbacks.detect("Pop", here(1), now())


@virtual
async def test_a_write_to_a_restored_database_drops_what_was_lost_before_it_is_acknowledged() -> (
    None
):
    """Rule 10: its clock was set back, too, so that its versions are smaller than lost ones."""
    database, store = scripted()
    instance, other = CacheInstance(database, store), CacheInstance(database, store)
    database.numbers = {"Pop": 9, "all": 9}
    store.put_list(here(9))
    store.push(here(9), "all")
    for reader in (instance, other):
        assert shown(await reader.read()) == "Pop 9"
    database.numbers = {"Pop": 4, "all": 4}
    assert await seconds_of(instance.writer.add(TRACK)) < 0.1
    assert shown(await other.read()) == "Pop 5"
    assert shown(await instance.read()) == "Pop 5"


@virtual
async def test_a_write_waits_where_what_was_lost_cannot_be_dropped() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    database.numbers["Pop"] = 9
    store.put_list(here(9))
    await instance.read()
    database.numbers["Pop"] = 4
    store.when("advance Pop", failing(StoreUnavailable()))
    assert await seconds_of(instance.writer.add(TRACK)) > DELAY


# Rule 14: the outcome of the commit is unknown.


def breaking_off(database: ScriptedDatabase, *, stored: Track | None) -> Step:
    """Return a step that breaks the connection during the commit, of this record or of none."""

    def break_off() -> None:
        if stored is not None:
            database.store(stored)
        raise OutcomeUnknown

    return break_off


@virtual
async def test_a_record_that_is_found_is_acknowledged_with_the_versions_read_again() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    await instance.leases.after(now())
    database.when("insert", breaking_off(database, stored=TRACK))
    assert await instance.writer.add(TRACK) == TRACK
    assert store.state.known_versions == {"Pop": here(2), "all": here(2)}
    assert database.calls == ["versions", "insert", "find", "versions"]
    assert instance.counts[Count.OUTCOME_UNKNOWN] == 1


@virtual
async def test_the_record_is_returned_in_the_stored_spelling_of_its_genre() -> None:
    database, store = scripted()
    sent = Track("pop", "Artist", "Title", "track 1", 1, duration_ms=1)
    database.when("insert", breaking_off(database, stored=TRACK))
    database.tracks["pop", "track 1"] = TRACK
    assert await CacheInstance(database, store).writer.add(sent) == TRACK
    assert store.state.known_versions["Pop"] == here(2)


@virtual
async def test_a_record_that_is_not_there_is_an_error_that_says_so_and_nothing_is_pushed() -> None:
    database, store = scripted()
    database.when("insert", breaking_off(database, stored=None))
    with pytest.raises(DatabaseUnavailable, match="was not stored") as raised:
        await CacheInstance(database, store).writer.add(TRACK)
    assert not isinstance(raised.value, OutcomeUnknown)
    assert store.calls == []


@virtual
async def test_while_sql_stays_unavailable_the_outcome_stays_unknown_and_nothing_is_pushed() -> (
    None
):
    database, store = scripted()
    database.when("insert", breaking_off(database, stored=TRACK))
    database.when("find", failing(DatabaseUnavailable()))
    with pytest.raises(OutcomeUnknown):
        await CacheInstance(database, store).writer.add(TRACK)
    assert store.calls == []


def unreadable_versions() -> tuple[ScriptedDatabase, ScriptedStore]:
    """The commit happened and the record is found, but the versions cannot be read."""
    database, store = scripted()
    database.when("insert", breaking_off(database, stored=TRACK))
    database.when("versions", failing(DatabaseUnavailable()))
    return database, store


@virtual
async def test_where_the_versions_cannot_be_read_the_write_waits_and_pushes_nothing() -> None:
    database, store = unreadable_versions()
    began = now()
    assert await CacheInstance(database, store).writer.add(TRACK) == TRACK
    assert now() > began + DELAY
    assert store.calls == []


@virtual
async def test_after_an_unknown_outcome_the_wait_counts_from_after_the_record_was_read_back() -> (
    None
):
    """The commit may have happened at any moment until then."""
    database, store = unreadable_versions()
    database.when("find", lambda: asyncio.sleep(1))
    began = now()
    await CacheInstance(database, store).writer.add(TRACK)
    assert now() > began + 1 + DELAY


@virtual
async def test_a_record_whose_genre_has_no_version_waits_too() -> None:
    database, store = scripted()
    database.when("insert", breaking_off(database, stored=TRACK))
    database.when("versions", lambda: database.numbers.pop("Pop"))
    began = now()
    await CacheInstance(database, store).writer.add(TRACK)
    assert now() > began + DELAY
    assert store.calls == []


# Rule 31: an answer that the record exists already is given when every later read shows it.

OTHER = Track("Pop", "Artist", "Another title", "track 1", 1, duration_ms=1)


def taken(database: ScriptedDatabase) -> Step:
    """Return a step that refuses the insert, because another instance has just stored OTHER."""

    def refuse() -> None:
        database.store(OTHER)
        raise TrackExists

    return refuse


async def refused(instance: CacheInstance) -> float:
    """Send TRACK, which exists already, and return the seconds that the answer takes."""
    began = now()
    with pytest.raises(TrackExists):
        await instance.writer.add(TRACK)
    return now() - began


@virtual
async def test_a_conflict_is_answered_once_its_versions_are_pushed() -> None:
    database, store = scripted()
    database.when("insert", taken(database))
    assert await refused(CacheInstance(database, store)) < 0.1
    assert store.state.known_versions == {"Pop": here(2), "all": here(2)}


@virtual
async def test_the_lease_is_not_taken_for_the_versions_of_a_conflict() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    await instance.leases.after(now())
    database.when("insert", taken(database))
    await refused(instance)
    assert store.state.known_versions == {"Pop": here(2), "all": here(2)}


@virtual
async def test_a_poll_that_began_before_the_conflict_was_seen_is_not_joined() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    database.seconds = 0.1
    polling = asyncio.create_task(instance.leases.after(now()))
    await asyncio.sleep(0.05)
    database.when("insert", taken(database))
    await refused(instance)
    await polling
    assert store.state.known_versions == {"Pop": here(2), "all": here(2)}


@virtual
async def test_a_conflict_that_cannot_be_pushed_waits_as_a_write_does() -> None:
    database, store = scripted()
    database.when("insert", taken(database))
    store.fault = StoreUnavailable()
    assert DELAY < await refused(CacheInstance(database, store)) < DELAY + 0.01


@virtual
async def test_the_wait_of_a_conflict_counts_from_when_it_was_seen() -> None:
    """The other writer may have committed at any moment until then."""
    database, store = scripted()

    async def refuse_late() -> None:
        await asyncio.sleep(1)
        taken(database)()

    database.when("insert", refuse_late)
    store.fault = StoreUnavailable()
    assert 1 + DELAY < await refused(CacheInstance(database, store)) < 1 + DELAY + 0.01


@virtual
async def test_a_conflict_whose_versions_cannot_be_read_waits_and_pushes_nothing() -> None:
    database, store = scripted()
    database.when("insert", taken(database))
    database.when("versions", failing(DatabaseUnavailable()))
    assert await refused(CacheInstance(database, store)) > DELAY
    assert store.calls == []


@virtual
async def test_a_conflict_under_strict_acknowledgement_pushes_and_waits_all_the_same() -> None:
    database, store = scripted()
    database.when("insert", taken(database))
    assert await refused(CacheInstance(database, store, cache_strict_ack=True)) > DELAY
    assert store.state.known_versions == {"Pop": here(2), "all": here(2)}


@virtual
async def test_a_conflict_without_any_store_is_answered_at_once() -> None:
    database = ScriptedDatabase()
    database.when("insert", taken(database))
    assert await refused(CacheInstance(database, NoStore())) < 0.1


@virtual
async def test_a_conflict_is_found_under_any_spelling_of_its_genre() -> None:
    database, store = scripted()
    database.when("insert", taken(database))
    with pytest.raises(TrackExists):
        await CacheInstance(database, store).writer.add(replace(TRACK, genre="pOP"))
    assert store.state.known_versions == {"Pop": here(2), "all": here(2)}


@virtual
async def test_a_conflict_that_was_read_back_is_announced_too() -> None:
    """Rule 14: the outcome was unknown, and the record that is stored is another writer's."""
    database, store = scripted()
    database.when("insert", breaking_off(database, stored=OTHER))
    assert await refused(CacheInstance(database, store)) < 0.1
    assert store.state.known_versions == {"Pop": here(2), "all": here(2)}


@virtual
async def test_a_conflict_rebuilds_no_list() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store, cache_rebuild_after_write=True)
    database.when("insert", taken(database))
    await refused(instance)
    await instance.settle()
    assert "snapshot Pop" not in database.calls


@virtual
async def test_a_read_after_the_conflict_shows_the_record_whose_writer_still_waits() -> None:
    """Its writer cannot reach the store, and the reader's lease is from before the commit."""
    database, store = scripted()
    writer = CacheInstance(database, ScriptedStore(fault=StoreUnavailable()))
    other, reader = CacheInstance(database, store), CacheInstance(database, store)
    assert shown(await reader.read()) == "Pop 1"
    writing = asyncio.create_task(writer.writer.add(TRACK))
    await asyncio.sleep(0.1)
    database.when("insert", failing(TrackExists()))
    await refused(other)
    assert not writing.done()
    assert shown(await reader.read()) == "Pop 2"
    await writing


# Rule 16: a rebuild begins only when the acknowledgement is safe.


@virtual
async def test_a_rebuild_begins_only_when_the_acknowledgement_is_safe() -> None:
    """Until then a lease without the write would let the old list pass for new enough."""
    database, store = scripted()
    instance = CacheInstance(database, store, cache_rebuild_after_write=True)
    store.when("advance Pop", *[failing(StoreUnavailable())] * 2)
    adding = asyncio.create_task(instance.writer.add(TRACK))
    await asyncio.sleep(DELAY)
    assert "snapshot Pop" not in database.calls
    await adding
    await instance.settle()
    assert store.state.lists["Pop"].version == here(2)
    assert store.state.lists["all"].version == here(2)


@virtual
async def test_many_writes_at_once_cost_two_rebuilds_of_a_list() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store, cache_rebuild_after_write=True)
    await asyncio.gather(*(instance.writer.add(TRACK) for _ in range(20)))
    await instance.settle()
    assert database.calls.count("snapshot Pop") <= 2
    assert store.state.lists["Pop"].version == here(21)


@virtual
async def test_nothing_is_rebuilt_unless_that_is_set() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    await instance.writer.add(TRACK)
    await instance.settle()
    assert database.calls == ["insert"]


# A purge gives lists a new version, and is acknowledged as a write is.


@virtual
async def test_a_purge_pushes_the_raised_versions() -> None:
    database, store = scripted()
    store.put_list(here(1))
    await CacheInstance(database, store).writer.purge(["Pop"])
    assert store.state.known_versions == {"Pop": here(2), "all": here(1)}
    assert store.state.lists == {}


@virtual
async def test_a_purge_that_could_not_be_pushed_waits_until_all_leases_have_ended() -> None:
    database, store = scripted()
    store.fault = StoreUnavailable()
    assert await seconds_of(CacheInstance(database, store).writer.purge(["Pop"])) > DELAY


@virtual
async def test_a_purge_whose_outcome_is_unknown_says_so_and_pushes_nothing() -> None:
    database, store = scripted()
    database.when("raise_versions", failing(OutcomeUnknown()))
    with pytest.raises(OutcomeUnknown, match="purge again"):
        await CacheInstance(database, store).writer.purge(["Pop"])
    assert store.calls == []
