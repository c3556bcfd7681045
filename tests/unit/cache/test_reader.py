"""A read from its begin to its answer: which list is served, from where, and what is said of it.

Facts of docs/protocol.md, rules 1, 4, 6, 17 to 19 and 25 to 28.
"""

import asyncio

import pytest

from shared.cache.cached_list import Outcome, Served
from shared.cache.store import NoStore, StoreUnavailable
from shared.errors import DatabaseUnavailable
from shared.repository.versions import Version
from shared.telemetry import Count
from shared.tracks.genres import ALL, MAX_SPELLING_LENGTH
from shared.tracks.track import View
from tests.unit.cache.cache_instance import (
    LEASE_SECONDS,
    POP,
    CacheInstance,
    cached_list,
    here,
    shown,
)
from tests.unit.cache.scripted_calls import failing
from tests.unit.cache.scripted_database import ScriptedDatabase, body_of
from tests.unit.cache.scripted_store import ScriptedStore
from tests.unit.cache.virtual_time import now, seconds_of, virtual

TTL = 100.0


def scripted() -> tuple[ScriptedDatabase, ScriptedStore]:
    """SQL with version 1 of Pop, and an empty store."""
    return ScriptedDatabase(), ScriptedStore()


async def warm(
    database: ScriptedDatabase, store: ScriptedStore, **settings: object
) -> CacheInstance:
    """An instance that has read Pop once: version 1 is in its memory and in the store."""
    instance = CacheInstance(database, store, **settings)
    assert shown(await instance.read()) == "Pop 1"
    await instance.settle()
    return instance


async def outcome_of(instance: CacheInstance) -> Outcome:
    return (await instance.read()).outcome


# Rule 19: the memory copy, else the stored list, else a fill.


@virtual
async def test_a_memory_copy_that_is_new_enough_costs_one_query_of_redis() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    store.calls.clear()
    database.calls.clear()
    served = await instance.read()
    assert (served.outcome, shown(served)) == (Outcome.MEMORY, "Pop 1")
    assert (store.calls, database.calls) == (["known_version Pop"], [])


@virtual
async def test_a_memory_copy_older_than_required_is_not_served_but_the_stored_list_is() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    store.put_list(database.commit())
    served = await instance.read()
    assert (served.outcome, shown(served)) == (Outcome.REDIS, "Pop 2")


@virtual
async def test_where_both_are_too_old_the_list_is_filled() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    store.push(database.commit())
    served = await instance.read()
    assert (served.outcome, shown(served)) == (Outcome.FILLED, "Pop 2")


@virtual
async def test_a_memory_copy_whose_life_is_over_is_filled_again() -> None:
    database, store = scripted()
    instance = await warm(database, store, cache_ttl_seconds=TTL)
    await asyncio.sleep(TTL)
    assert await outcome_of(instance) is Outcome.FILLED


@virtual
async def test_a_list_of_another_instance_is_a_hit_in_redis_and_then_in_memory() -> None:
    database, store = scripted()
    await warm(database, store)
    other = CacheInstance(database, store)
    assert [await outcome_of(other) for _ in range(2)] == [Outcome.REDIS, Outcome.MEMORY]


# Rules 1 and 4: an epoch is another database.


@virtual
async def test_the_list_of_a_replaced_database_is_not_served_however_great_its_number() -> None:
    database, store = scripted()
    database.numbers["Pop"] = 9
    instance = CacheInstance(database, store)
    assert shown(await instance.read()) == "Pop 9"
    await instance.settle()
    database.epoch, database.numbers["Pop"] = "there", 1
    await asyncio.sleep(LEASE_SECONDS + 1)
    assert shown(await instance.read()) == "Pop 1"


# Rules 6 and 17: what makes a write visible.


@virtual
async def test_a_write_that_could_not_be_pushed_is_served_when_the_lease_has_ended() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    database.commit()
    await asyncio.sleep(LEASE_SECONDS + 0.1)
    assert shown(await instance.read()) == "Pop 2"


@virtual
async def test_a_write_that_was_pushed_is_served_at_once() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    store.push(database.commit())
    assert shown(await instance.read()) == "Pop 2"


# Rule 18: where the known version is missing, even a copy that is there is compared with SQL.


@virtual
async def test_after_redis_was_wiped_a_memory_copy_is_served_only_if_sql_has_no_newer_version() -> (
    None
):
    database, store = scripted()
    instance = await warm(database, store)
    store.wipe()
    assert await outcome_of(instance) is Outcome.MEMORY
    assert store.state.known_versions["Pop"] == here(1)
    database.commit()
    store.wipe()
    assert shown(await instance.read()) == "Pop 2"


@virtual
async def test_the_first_read_after_redis_was_wiped_takes_as_long_as_a_fill() -> None:
    """The known version is created under the fill lock; the fill must not wait for that lock."""
    database, store = scripted()
    await warm(database, store)
    store.wipe()
    assert await seconds_of(CacheInstance(database, store).read()) < 0.2


# An answer without a body.


@virtual
async def test_a_caller_who_has_the_stored_list_costs_its_head_alone() -> None:
    database, store = scripted()
    await warm(database, store)
    other = CacheInstance(database, store)
    digests = body_of("Pop", here(1)).digests
    store.calls.clear()
    served = await other.read(unless=lambda has: has == digests)
    assert (served.outcome, served.digests) == (Outcome.REDIS, digests)
    assert served.cached is not None
    assert served.cached.body is None
    assert store.calls == ["known_version Pop", "fetch Pop"]


@virtual
async def test_a_caller_who_has_another_list_gets_the_body() -> None:
    database, store = scripted()
    await warm(database, store)
    served = await CacheInstance(database, store).read(
        unless=lambda has: has.uncompressed == "another"
    )
    assert (served.outcome, shown(served)) == (Outcome.REDIS, "Pop 1")


@virtual
async def test_of_a_stored_list_that_is_too_old_no_head_is_served() -> None:
    database, store = scripted()
    store.put_list(here(1))
    store.state.known_versions["Pop"] = database.commit()
    served = await CacheInstance(database, store).read(unless=lambda _: True)
    assert shown(served) == "Pop 2"


# Uncompressed bytes.


@virtual
async def test_two_readers_of_two_versions_never_get_each_others_uncompressed_bytes() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    old = await instance.read()
    store.push(database.commit())
    new = await instance.read()
    both = await asyncio.gather(
        *(instance.reader.uncompressed(one, View.CORE) for one in (old, new))
    )
    assert both == [body_of("Pop", here(number)).uncompressed() for number in (1, 2)]


@virtual
async def test_uncompressed_bytes_are_kept_with_the_memory_copy() -> None:
    instance = await warm(*scripted())
    first = await instance.reader.uncompressed(await instance.read(), View.CORE)
    served = await instance.read()
    assert await instance.reader.uncompressed(served, View.CORE) is first


@virtual
async def test_of_a_list_that_does_not_exist_the_uncompressed_bytes_are_an_empty_array() -> None:
    instance = CacheInstance(*scripted())
    assert await instance.reader.uncompressed(Served(Outcome.UNKNOWN), View.CORE) == b"[]"


# Rule 25: a list whose life is about to end is refreshed in the background.


@virtual
async def test_a_hit_in_the_last_tenth_of_a_lists_life_gives_it_a_new_life() -> None:
    """The old list is served meanwhile: nobody waits for the refresh."""
    database, store = scripted()
    instance = await warm(database, store, cache_ttl_seconds=TTL)
    await asyncio.sleep(TTL * 0.95)
    database.when("rows Pop", lambda: asyncio.sleep(1))
    began = now()
    assert await outcome_of(instance) is Outcome.MEMORY
    assert now() - began < 0.1
    await instance.settle()
    assert store.state.lists["Pop"].expires_at - now() > TTL - 2
    assert (await instance.read()).age < 2


@virtual
async def test_before_the_last_tenth_of_its_life_a_list_is_not_refreshed() -> None:
    database, store = scripted()
    instance = await warm(database, store, cache_ttl_seconds=TTL)
    await asyncio.sleep(TTL * 0.89)
    store.calls.clear()
    await instance.read()
    await instance.settle()
    assert store.calls == ["known_version Pop"]


@virtual
async def test_an_instance_takes_the_list_that_another_one_has_refreshed() -> None:
    database, store = scripted()
    one, other = [await warm(database, store, cache_ttl_seconds=TTL) for _ in range(2)]
    await asyncio.sleep(TTL * 0.95)
    for instance in (one, other):
        await instance.read()
        await instance.settle()
        assert (await instance.read()).remaining > TTL - 1
    assert database.calls.count("snapshot Pop") == 2


@virtual
async def test_a_rebuild_leaves_the_list_in_the_store() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    await instance.reader.rebuild("Pop")
    await instance.settle()
    assert store.state.lists["Pop"].version == here(1)


# What is said of an answer: `age`, `remaining`, `stored`.


@virtual
async def test_age_and_remaining_add_up_to_the_ttl_wherever_the_list_came_from() -> None:
    database, store = scripted()
    instance = await warm(database, store, cache_ttl_seconds=TTL)
    await asyncio.sleep(30)
    other = CacheInstance(database, store, cache_ttl_seconds=TTL)
    for served in (await instance.read(), await other.read(), await other.read()):
        assert served.age == pytest.approx(30, abs=0.2)
        assert served.remaining == pytest.approx(TTL - 30, abs=0.2)


@virtual
async def test_a_filled_list_is_said_to_be_stored_if_it_was_kept_in_memory() -> None:
    database, store = scripted()
    served = await CacheInstance(database, store).read()
    assert (served.outcome, served.stored) == (Outcome.FILLED, True)
    without_memory = CacheInstance(database, NoStore(), cache_memory_mb=0)
    served = await without_memory.read()
    assert (served.outcome, served.stored) == (Outcome.FILLED, False)


@virtual
async def test_a_hit_is_not_said_to_be_stored() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    assert not (await instance.read()).stored
    assert not (await CacheInstance(database, store).read()).stored


@virtual
async def test_a_shared_fill_is_reported_as_collapsed() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    both = await asyncio.gather(instance.read(), instance.read())
    assert {one.outcome for one in both} == {Outcome.FILLED, Outcome.COLLAPSED}
    assert all(one.stored for one in both)


@virtual
async def test_every_read_is_counted_by_its_outcome() -> None:
    instance = await warm(*scripted())
    await instance.read()
    assert instance.counts[f"{Count.READ}.filled"] == 1
    assert instance.counts[f"{Count.READ}.memory"] == 1


# Rule 26: while SQL is unavailable and the lease is over, the newest list, marked stale.


async def outage(database: ScriptedDatabase) -> None:
    """SQL is unavailable from now on, and every lease has ended."""
    database.fault = DatabaseUnavailable()
    await asyncio.sleep(LEASE_SECONDS + 1)


@virtual
async def test_while_the_lease_serves_an_outage_of_sql_is_not_noticed() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    database.fault = DatabaseUnavailable()
    await asyncio.sleep(LEASE_SECONDS - 0.1)
    assert await outcome_of(instance) is Outcome.MEMORY


@virtual
async def test_without_memory_copies_the_stale_list_comes_from_redis() -> None:
    database, store = scripted()
    instance = await warm(database, store, cache_memory_mb=0)
    await outage(database)
    served = await instance.read()
    assert (served.outcome, shown(served)) == (Outcome.STALE, "Pop 1")


@virtual
async def test_without_redis_the_stale_list_comes_from_memory() -> None:
    database = ScriptedDatabase()
    instance = CacheInstance(database, NoStore())
    await instance.read()
    await outage(database)
    served = await instance.read()
    assert (served.outcome, shown(served)) == (Outcome.STALE, "Pop 1")


@virtual
async def test_the_newer_of_memory_copy_and_stored_list_is_served_stale() -> None:
    for in_memory, in_redis in ((1, 2), (2, 1)):
        database, store = scripted()
        instance = await warm(database, store)
        instance.memory.put(POP, cached_list(here(in_memory)))
        store.put_list(here(in_redis))
        await outage(database)
        served = await instance.read()
        assert (served.outcome, shown(served)) == (Outcome.STALE, "Pop 2")


@virtual
async def test_of_two_equal_lists_the_stale_one_comes_from_memory() -> None:
    """No body is transferred for nothing."""
    database, store = scripted()
    instance = await warm(database, store)
    await outage(database)
    store.calls.clear()
    await instance.read()
    assert store.calls == ["fetch Pop"]


@virtual
async def test_a_list_of_a_replaced_database_is_not_served_stale_either() -> None:
    for stored, wanted in ((here(9), None), (Version("there", 1), "Pop 1")):
        database, store = scripted()
        instance = await warm(database, store)
        database.epoch = "there"
        await instance.leases.after(now())
        store.put_list(stored)
        await outage(database)
        if wanted is None:
            with pytest.raises(DatabaseUnavailable):
                await instance.read()
        else:
            served = await instance.read()
            assert (served.outcome, shown(served)) == (Outcome.STALE, wanted)


@virtual
async def test_a_list_that_sql_lost_before_the_outage_is_not_served_stale() -> None:
    database, store = scripted()
    instance = CacheInstance(database, store)
    database.numbers["Pop"] = 9
    await instance.read()
    await instance.settle()
    database.numbers["Pop"] = 5
    await instance.leases.after(now())
    await outage(database)
    with pytest.raises(DatabaseUnavailable):
        await instance.read()
    assert store.state.lists == {}


@virtual
async def test_a_stale_list_is_served_although_its_own_life_is_over() -> None:
    database, store = scripted()
    instance = await warm(database, store, cache_ttl_seconds=1)
    await outage(database)
    assert await outcome_of(instance) is Outcome.STALE


@virtual
async def test_a_stale_answer_says_for_how_long_sql_has_not_answered() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    lease = instance.leases.last
    assert lease is not None
    await outage(database)
    served = await instance.read()
    assert served.remaining == pytest.approx(lease.began - now(), abs=0.01)
    assert not served.stored


@virtual
async def test_stale_lists_end_with_their_setting() -> None:
    database, store = scripted()
    instance = await warm(database, store, cache_stale_if_error_seconds=10)
    database.fault = DatabaseUnavailable()
    await asyncio.sleep(9)
    assert await outcome_of(instance) is Outcome.STALE
    await asyncio.sleep(1.1)
    with pytest.raises(DatabaseUnavailable):
        await instance.read()


@virtual
async def test_without_any_list_an_outage_of_sql_is_an_error() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    await outage(database)
    with pytest.raises(DatabaseUnavailable):
        await instance.reader.all(View.CORE)


@virtual
async def test_when_sql_fails_during_the_fill_the_last_list_is_served_stale() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    store.push(database.commit())
    database.when("rows Pop", failing(DatabaseUnavailable()))
    served = await instance.read()
    assert (served.outcome, shown(served)) == (Outcome.STALE, "Pop 1")


# Rule 27: without Redis, a memory copy only if its version equals the one just read in SQL.


async def without_redis(in_memory: int, in_sql: int, *, has_redis: bool) -> Served:
    """Read Pop while memory has one version, SQL perhaps another, and Redis nothing to say."""
    database = ScriptedDatabase()
    database.numbers["Pop"] = in_sql
    store = ScriptedStore(fault=StoreUnavailable()) if has_redis else NoStore()
    instance = CacheInstance(database, store)
    instance.memory.put(POP, cached_list(here(in_memory)))
    served = await instance.read()
    assert shown(served) == f"Pop {in_sql}"
    return served


@virtual
async def test_without_redis_a_memory_copy_of_sqls_version_is_served() -> None:
    for has_redis in (True, False):
        served = await without_redis(5, 5, has_redis=has_redis)
        assert served.outcome is Outcome.MEMORY


@virtual
async def test_without_redis_a_smaller_or_a_greater_memory_copy_is_not_served() -> None:
    """A smaller one misses a write; a greater one has records that a rollback lost."""
    for has_redis in (True, False):
        for in_memory in (4, 6):
            served = await without_redis(in_memory, 5, has_redis=has_redis)
            assert served.outcome is Outcome.FILLED


@virtual
async def test_without_redis_every_read_is_compared_with_sql_by_a_query_of_its_own_time() -> None:
    database = ScriptedDatabase()
    instance = CacheInstance(database, NoStore())
    for number in (1, 2, 3):
        assert shown(await instance.read()) == f"Pop {number}"
        database.commit()


@virtual
async def test_a_redis_that_is_unavailable_serves_no_head_either() -> None:
    database = ScriptedDatabase()
    store = ScriptedStore(fault=StoreUnavailable())
    served = await CacheInstance(database, store).read(unless=lambda _: True)
    assert shown(served) == "Pop 1"
    assert "fetch Pop" not in store.calls


# Rule 28: an unknown genre is looked up in SQL, and never creates a key.


@virtual
async def test_an_unknown_genre_is_no_list_and_sends_redis_nothing() -> None:
    database, store = scripted()
    served = await CacheInstance(database, store).read("Skaa")
    assert (served.outcome, served.cached, served.digests) == (Outcome.UNKNOWN, None, None)
    assert store.calls == []


@virtual
async def test_a_genre_that_another_instance_has_just_created_is_found() -> None:
    """The lease still serves, but does not have it: SQL is polled once more."""
    database, store = scripted()
    instance = await warm(database, store)
    database.commit("Ska")
    assert shown(await instance.read("ska")) == "Ska 1"


@virtual
async def test_a_genre_that_is_gone_from_sql_is_unknown() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    store.wipe()
    del database.numbers["Pop"]
    assert (await instance.read()).outcome is Outcome.UNKNOWN


@virtual
async def test_while_sql_is_unavailable_a_genre_that_no_lease_had_is_an_error() -> None:
    """An empty list would say that the genre does not exist."""
    database, store = scripted()
    instance = await warm(database, store)
    await outage(database)
    assert await outcome_of(instance) is Outcome.STALE
    with pytest.raises(DatabaseUnavailable):
        await instance.read("Ska")


@virtual
async def test_a_scope_is_found_by_any_spelling_and_all_is_itself() -> None:
    reader = CacheInstance(*scripted()).reader
    assert [await reader.scope(name) for name in (" pOP ", ALL, "Ska")] == ["Pop", ALL, None]
    assert [await reader.scope(name) for name in ("ALL", " aLl\u2003", "all all")] == [
        ALL,
        ALL,
        None,
    ]


@virtual
async def test_a_name_longer_than_any_spelling_is_unknown_without_a_poll() -> None:
    database, store = scripted()
    instance = await warm(database, store)
    polls = instance.counts[Count.LEASE_POLL]
    too_long = "x" * (MAX_SPELLING_LENGTH + 1)
    assert (await instance.read(too_long)).outcome is Outcome.UNKNOWN
    assert await instance.reader.scope(too_long) is None
    assert instance.counts[Count.LEASE_POLL] == polls
    assert (await instance.read(" " * MAX_SPELLING_LENGTH + "pop")).outcome is Outcome.MEMORY
