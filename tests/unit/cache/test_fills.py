"""Filling a list from SQL: one fill in the process, one over all instances, stored at its end.

Facts of docs/protocol.md, rules 10 and 20 to 25.
"""

import asyncio

import pytest

from shared.cache.cached_list import Found, Outcome
from shared.cache.lease import ScopeGone
from shared.cache.required_version import FILL_LOCK_SECONDS, RequiredVersion
from shared.cache.store import NoStore, StoreUnavailable
from shared.errors import DatabaseUnavailable
from shared.telemetry import Count
from shared.tracks.track import View
from tests.unit.cache.cache_instance import POP, CacheInstance, cached_list, here
from tests.unit.cache.scripted_calls import failing
from tests.unit.cache.scripted_database import ScriptedDatabase, body_of
from tests.unit.cache.scripted_store import LIFE, ScriptedStore
from tests.unit.cache.virtual_time import now, seconds_of, virtual

TTL = 100.0


def scripted() -> tuple[ScriptedDatabase, ScriptedStore]:
    """SQL with version 1 of Pop, and a store that has the known version but no list."""
    database, store = ScriptedDatabase(), ScriptedStore()
    store.state.known_versions["Pop"] = here(1)
    return database, store


async def fill(instance: CacheInstance, number: int = 1) -> Found:
    """Fill Pop for a read that requires this version."""
    return await instance.fills.fill(POP, RequiredVersion(here(number)))


async def version_of_fill(instance: CacheInstance, number: int) -> int:
    cached, _ = await fill(instance, number)
    return cached.version.number


# Rule 22: version and rows are read in one snapshot.


@virtual
async def test_a_write_between_version_and_rows_is_in_neither() -> None:
    database, store = scripted()
    database.when("rows Pop", database.commit)
    cached, _ = await fill(CacheInstance(database, store))
    assert cached.version == here(1)
    assert cached.body == body_of("Pop", here(1))


@virtual
async def test_a_list_lives_from_when_its_query_began() -> None:
    """However long SQL takes: what was written meanwhile by a load is in no version."""
    database, store = scripted()
    database.seconds = 1.0
    began = now()
    cached, _ = await fill(CacheInstance(database, store, cache_ttl_seconds=TTL))
    assert began < cached.filled_at < began + 0.1
    assert cached.expires_at == cached.filled_at + TTL


@virtual
async def test_a_filled_list_is_kept_in_memory() -> None:
    instance = CacheInstance(*scripted())
    cached, outcome = await fill(instance)
    assert outcome is Outcome.FILLED
    assert instance.memory.get(POP) is cached


# Rule 20: in the process, a fill is joined if it satisfies.


async def hang() -> None:
    """Hang until the timeout of the connection, which broke without a word."""
    await asyncio.sleep(10)
    raise DatabaseUnavailable


@virtual
async def test_readers_who_joined_a_fill_that_hung_get_the_list_once_sql_answers_again() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    database.when("snapshot Pop", hang)
    hung = asyncio.create_task(fill(instance))
    await asyncio.sleep(1)
    joined = await asyncio.gather(*(fill(instance) for _ in range(5)))
    assert {cached.version for cached, _ in joined} == {here(1)}
    assert database.calls.count("snapshot Pop") == 2
    with pytest.raises(DatabaseUnavailable):
        await hung


@virtual
async def test_readers_who_joined_a_fill_that_hung_fail_with_it_while_sql_is_unavailable() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    database.when("snapshot Pop", hang)
    hung = asyncio.create_task(fill(instance))
    await asyncio.sleep(1)
    database.fault = DatabaseUnavailable()
    with pytest.raises(DatabaseUnavailable):
        await fill(instance)
    assert database.calls == ["snapshot Pop", "versions"]
    await asyncio.gather(hung, return_exceptions=True)


@virtual
async def test_readers_who_joined_the_fill_of_a_genre_that_is_gone_do_not_fill_again() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    del database.numbers["Pop"]
    gone = await asyncio.gather(*(fill(instance) for _ in range(3)), return_exceptions=True)
    assert {type(error) for error in gone} == {ScopeGone}
    assert database.calls == ["snapshot Pop"]


@virtual
async def test_callers_of_one_process_share_a_fill() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    answers = await asyncio.gather(*(fill(instance) for _ in range(20)))
    assert database.calls.count("snapshot Pop") == 1
    outcomes = [outcome for _, outcome in answers]
    assert outcomes.count(Outcome.FILLED) == 1
    assert outcomes.count(Outcome.COLLAPSED) == 19


@virtual
async def test_a_shared_list_from_redis_is_a_hit_in_redis() -> None:
    database, store = scripted()
    store.put_list(here(1))
    instance = CacheInstance(database, store)
    answers = await asyncio.gather(*(fill(instance) for _ in range(5)))
    assert {outcome for _, outcome in answers} == {Outcome.REDIS}


@virtual
async def test_a_query_that_began_before_a_read_is_not_taken_for_a_later_one() -> None:
    """Its begin is noted before the snapshot is opened, however late the answer comes."""
    database, store = scripted()
    database.seconds = 0.1
    instance = CacheInstance(database, store)
    earlier = asyncio.create_task(version_of_fill(instance, 1))
    await asyncio.sleep(0.05)
    store.push(database.commit())
    assert await version_of_fill(instance, 2) == 2
    assert await earlier == 1


@virtual
async def test_a_list_from_redis_is_not_taken_for_what_sql_answers_later() -> None:
    """Its version is all that counts: the write could not be pushed, so Redis still has 1."""
    database, store = scripted()
    store.put_list(here(1))
    store.seconds = 0.1
    instance = CacheInstance(database, store)
    earlier = asyncio.create_task(version_of_fill(instance, 1))
    await asyncio.sleep(0.05)
    database.commit()
    assert await version_of_fill(instance, 2) == 2
    assert await earlier == 1


@virtual
async def test_a_refreshed_list_from_redis_is_not_taken_for_a_later_answer_exactly_in_sql() -> None:
    database, store = scripted()
    store.put_list(here(1))
    store.seconds = 0.1
    instance = CacheInstance(database, store)
    instance.fills.refresh(POP, cached_list(here(1)))
    await asyncio.sleep(0.05)
    database.commit()
    assert await version_of_fill(instance, 2) == 2


# Rule 21: over all instances, the owner of the fill lock fills.


@virtual
async def test_two_instances_share_one_fill() -> None:
    database, store = scripted()
    both = asyncio.gather(*(fill(CacheInstance(database, store)) for _ in range(2)))
    outcomes = {outcome for _, outcome in await both}
    assert outcomes == {Outcome.FILLED, Outcome.REDIS}
    assert database.calls.count("snapshot Pop") == 1


@virtual
async def test_the_stored_list_is_looked_at_again_once_the_lock_is_owned() -> None:
    """Another instance may have stored it between our look and our lock."""
    database, store = scripted()
    store.when("lock Pop", lambda: store.put_list(here(1)))
    _, outcome = await fill(CacheInstance(database, store))
    assert outcome is Outcome.REDIS
    assert "snapshot Pop" not in database.calls
    assert store.state.locks == {}


@virtual
async def test_waiting_for_the_lock_has_an_end_and_then_the_list_is_not_stored() -> None:
    database, store = scripted()
    store.state.lock("Pop", "another instance", seconds=1000)
    instance = CacheInstance(database, store)
    began = now()
    _, outcome = await fill(instance)
    await instance.settle()
    assert outcome is Outcome.FILLED
    assert FILL_LOCK_SECONDS < now() - began < FILL_LOCK_SECONDS + 0.2
    assert "put Pop" not in store.calls
    assert store.state.locks["Pop"][0] == "another instance"


@virtual
async def test_the_lock_of_an_instance_that_died_is_taken_when_it_expires() -> None:
    database, store = scripted()
    store.state.lock("Pop", "an instance that died", seconds=2)
    instance = CacheInstance(database, store)
    assert 2 < await seconds_of(fill(instance)) < 2.2
    await instance.settle()
    assert store.state.lists["Pop"].version == here(1)


@virtual
async def test_a_list_that_is_too_old_in_redis_is_not_waited_for_by_its_owner() -> None:
    database, store = scripted()
    store.put_list(here(1))
    database.commit()
    assert await version_of_fill(CacheInstance(database, store), 2) == 2


@virtual
async def test_a_store_that_becomes_unavailable_leaves_the_fill_to_us() -> None:
    database, store = scripted()
    store.when("lock Pop", failing(StoreUnavailable()))
    instance = CacheInstance(database, store)
    _, outcome = await fill(instance)
    await instance.settle()
    assert outcome is Outcome.FILLED
    assert "put Pop" not in store.calls


@virtual
async def test_without_redis_nothing_is_tried_there() -> None:
    """Rule 27: the fill is for exactly one version, and SQL alone answers."""
    database, store = scripted()
    instance = CacheInstance(database, store)
    await instance.fills.fill(POP, RequiredVersion(here(1), exact=True))
    assert store.calls == []


# Rule 23: the fill lock is freed when the fill failed, and after the list was stored.


@virtual
async def test_the_lock_is_freed_when_the_fill_fails() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    database.when("rows Pop", failing(DatabaseUnavailable()))
    with pytest.raises(DatabaseUnavailable):
        await fill(instance)
    assert store.state.locks == {}
    assert await seconds_of(fill(CacheInstance(database, store))) < 1


@virtual
async def test_the_lock_is_freed_when_the_list_does_not_exist_any_more() -> None:
    database, store = scripted()
    del database.numbers["Pop"]
    with pytest.raises(ScopeGone):
        await fill(CacheInstance(database, store))
    assert store.state.locks == {}


@virtual
async def test_the_lock_is_held_until_the_list_is_stored() -> None:
    """Those who wait for the list then find it, instead of filling themselves."""
    database, store = scripted()
    store.when("put Pop", lambda: asyncio.sleep(1))
    instance = CacheInstance(database, store)
    await fill(instance)
    assert "Pop" in store.state.locks
    await instance.settle()
    assert store.state.lists["Pop"].version == here(1)
    assert store.state.locks == {}


@virtual
async def test_the_list_is_served_before_it_is_stored() -> None:
    database, store = scripted()
    store.when("put Pop", lambda: asyncio.sleep(1))
    assert await seconds_of(fill(CacheInstance(database, store))) < 0.1


@virtual
async def test_the_lock_is_freed_when_the_list_could_not_be_stored() -> None:
    database, store = scripted()
    store.when("put Pop", failing(StoreUnavailable()))
    instance = CacheInstance(database, store)
    await fill(instance)
    await instance.settle()
    assert store.state.locks == {}
    assert instance.counts[Count.STORE_FAILED] == 1


# Rule 24: where the known version is missing, it is created and the list stored once more.


@virtual
async def test_a_known_version_lost_during_the_fill_is_created_and_the_list_is_stored() -> None:
    """The filler still owns the lock. The list is uploaded twice, not more."""
    database, store = scripted()
    database.when("rows Pop", store.state.known_versions.clear)
    instance = CacheInstance(database, store)
    await fill(instance)
    await instance.settle()
    assert store.state.known_versions["Pop"] == here(1)
    assert store.state.lists["Pop"].version == here(1)
    assert store.calls.count("put Pop") == 2
    assert store.state.locks == {}
    assert instance.counts[f"{Count.STORE}.stored"] == 1


@virtual
async def test_the_created_known_version_is_what_sql_answers_then() -> None:
    """A write that came during the fill is in it, so the older list is refused."""
    database, store = scripted()
    database.when("rows Pop", store.state.known_versions.clear)
    instance = CacheInstance(database, store)
    store.when("put Pop", database.commit)
    cached, _ = await fill(instance)
    await instance.settle()
    assert cached.version == here(1)
    assert store.state.known_versions["Pop"] == here(2)
    assert store.state.lists == {}
    assert instance.counts[f"{Count.STORE}.older"] == 1


@virtual
async def test_a_fill_that_lost_its_lock_too_creates_nothing_and_gives_up() -> None:
    database, store = scripted()
    database.when("rows Pop", store.wipe)
    instance = CacheInstance(database, store)
    _, outcome = await fill(instance)
    await instance.settle()
    assert outcome is Outcome.FILLED
    assert store.state.known_versions == {}
    assert store.state.lists == {}
    assert store.calls.count("put Pop") == 2


@virtual
async def test_a_list_that_a_push_made_older_is_served_and_not_stored() -> None:
    """It still satisfies the read, which began before the write was acknowledged."""
    database, store = scripted()
    database.when("rows Pop", lambda: store.push(database.commit()))
    instance = CacheInstance(database, store)
    cached, outcome = await fill(instance)
    await instance.settle()
    assert (cached.version, outcome) == (here(1), Outcome.FILLED)
    assert store.state.lists == {}
    assert store.calls.count("put Pop") == 1


@virtual
async def test_the_lock_is_freed_when_sql_fails_before_the_known_version_is_created() -> None:
    database, store = scripted()
    database.when("rows Pop", store.state.known_versions.clear)
    database.when("versions", failing(DatabaseUnavailable()))
    instance = CacheInstance(database, store)
    await fill(instance)
    await instance.settle()
    assert store.state.locks == {}
    assert instance.counts[Count.STORE_FAILED] == 1


@virtual
async def test_a_second_view_does_not_extend_the_stored_lists_life() -> None:
    """Rule 30: the list of the first view would otherwise live longer than its TTL."""
    database, store = scripted()
    store.put_list(here(1), life=50)
    instance = CacheInstance(database, store, cache_ttl_seconds=TTL)
    await instance.fills.fill(("Pop", View.FULL), RequiredVersion(here(1)))
    await instance.settle()
    assert len(store.state.lists["Pop"].fields) == 2 * 3
    assert store.state.lists["Pop"].expires_at - now() < 50


# Rule 25: a refresh ahead of expiry is an ordinary fill.


async def refreshed(instance: CacheInstance) -> float:
    """Refresh version 1 of Pop; return the seconds that the copy in memory lives then."""
    instance.fills.refresh(POP, cached_list(here(1)))
    await instance.settle()
    copy = instance.memory.get(POP)
    assert copy is not None
    return copy.expires_at - now()


@virtual
async def test_a_refresh_gives_the_stored_list_a_new_life() -> None:
    """Although its version is the same: an ordinary fill would only add to the old list."""
    database, store = scripted()
    store.put_list(here(1), life=5)
    instance = CacheInstance(database, store, cache_ttl_seconds=TTL)
    assert await refreshed(instance) > TTL - 1
    assert store.state.lists["Pop"].expires_at - now() > TTL - 1
    assert store.state.locks == {}


@virtual
async def test_a_refresh_takes_the_list_that_another_instance_has_refreshed() -> None:
    database, store = scripted()
    store.put_list(here(1), life=TTL)
    instance = CacheInstance(database, store, cache_ttl_seconds=TTL)
    assert await refreshed(instance) > TTL - 1
    assert database.calls == []


@virtual
async def test_a_refresh_that_finds_another_owner_leaves_the_refresh_to_it() -> None:
    """Nobody waits: the list that is there still lives."""
    database, store = scripted()
    store.put_list(here(1), life=5)
    store.state.lock("Pop", "another instance", seconds=5)
    instance = CacheInstance(database, store, cache_ttl_seconds=TTL)
    began = now()
    await refreshed(instance)
    assert now() - began < 0.1
    assert "snapshot Pop" not in database.calls


@virtual
async def test_a_refresh_never_takes_an_older_stored_list() -> None:
    """It would replace the newer copy in memory."""
    database, store = scripted()
    database.commit()
    store.put_list(here(1), life=TTL)
    instance = CacheInstance(database, store, cache_ttl_seconds=TTL)
    instance.fills.refresh(POP, cached_list(here(2)))
    await instance.settle()
    copy = instance.memory.get(POP)
    assert copy is not None
    assert copy.version == here(2)


@virtual
async def test_without_redis_a_refresh_reads_sql() -> None:
    database, _ = scripted()
    assert await refreshed(CacheInstance(database, NoStore(), cache_ttl_seconds=TTL)) > TTL - 1
    assert database.calls == ["snapshot Pop", "rows Pop"]


# Rule 10: a fill, too, may be what proves a rollback.


@virtual
async def test_a_fill_that_reads_a_smaller_version_than_was_seen_proves_a_rollback() -> None:
    database, store = scripted()
    store.put_list(here(9), life=LIFE)
    instance = CacheInstance(database, store)
    instance.rollbacks.saw("Pop", here(9))
    await instance.fills.fill(("Pop", View.FULL), RequiredVersion(here(1), exact=True))
    assert store.state.lists == {}
    assert instance.counts[Count.ROLLBACK_DETECTED] == 1
