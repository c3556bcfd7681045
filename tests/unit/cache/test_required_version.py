"""Which version a read requires, the fill lock, and the rollback detector.

Facts of docs/protocol.md, rules 5, 7, 10, 17, 18, 27 and 32.
"""

import asyncio

import pytest

from shared.cache.required_version import FILL_LOCK_SECONDS, FillLock, RequiredVersion
from shared.cache.store import NoStore, Store, StoreUnavailable
from shared.errors import DatabaseUnavailable
from shared.repository.versions import Version
from shared.telemetry import Count
from tests.unit.cache.cache_instance import (
    LEASE_SECONDS,
    POP,
    CacheInstance,
    cached_list,
    here,
    shown,
)
from tests.unit.cache.scripted_calls import failing
from tests.unit.cache.scripted_database import ScriptedDatabase
from tests.unit.cache.scripted_store import ScriptedStore
from tests.unit.cache.virtual_time import now, virtual


async def required(instance: CacheInstance) -> Version:
    """What a read of Pop requires that begins now."""
    answer = await instance.required.for_read("Pop", now())
    assert not answer.exact
    return answer.version


def knowing(number: int) -> ScriptedStore:
    """A store whose known version of Pop is this one."""
    store = ScriptedStore()
    store.state.known_versions["Pop"] = here(number)
    return store


# Rule 17: the greater of known version and lease.


@virtual
async def test_a_known_version_newer_than_the_lease_is_required() -> None:
    """It costs one poll, and none for the reads after it."""
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    assert await required(instance) == here(1)
    store.push(database.commit())
    assert await required(instance) == here(2)
    assert await required(instance) == here(2)
    assert database.calls == ["versions", "versions"]


@virtual
async def test_a_lease_newer_than_the_known_version_is_required_and_repairs_it() -> None:
    """The writer could not reach Redis. The next read of any instance finds the new version."""
    database, store = ScriptedDatabase(), knowing(1)
    database.commit()
    assert await required(CacheInstance(database, store)) == here(2)
    assert store.state.known_versions["Pop"] == here(2)


@virtual
async def test_a_repair_never_creates_a_known_version() -> None:
    """It is sent without an owner: the fill lock was not taken before SQL was read."""
    database, store = ScriptedDatabase(), knowing(1)
    database.commit()
    store.when("advance Pop", store.wipe)
    assert await required(CacheInstance(database, store)) == here(2)
    assert store.state.known_versions == {}


@pytest.mark.parametrize("exact", [False, True])
def test_a_list_of_another_epoch_is_never_allowed(exact: bool) -> None:  # noqa: FBT001 -- a parameter of pytest
    """Rule 1: its number cannot be compared, however great it is."""
    wanted = RequiredVersion(here(5), exact=exact)
    assert wanted.allows(here(5))
    assert not wanted.allows(Version("there", 5))
    assert not wanted.allows(Version("there", 9))


def test_a_read_without_the_store_allows_one_version_alone() -> None:
    """Rule 27: a greater one can only be of a rollback that was not dealt with yet."""
    wanted = RequiredVersion(here(5), exact=True)
    assert [number for number in range(10) if wanted.allows(here(number))] == [5]


# Rule 5: a query serves only reads that began before it was issued.


@virtual
async def test_a_read_never_shares_a_query_for_the_known_version_that_was_under_way() -> None:
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    await required(instance)
    store.seconds = 0.1
    earlier = asyncio.create_task(required(instance))
    await asyncio.sleep(0.05)
    store.push(database.commit())
    assert await required(instance) == here(2)
    assert await earlier == here(1)


@virtual
async def test_reads_that_begin_together_share_one_query_for_the_known_version() -> None:
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    await asyncio.gather(*(required(instance) for _ in range(50)))
    assert store.calls.count("known_version Pop") <= 2


# Rule 7: a lease serves only if its poll began after the connection was made.


@virtual
async def test_each_later_connection_makes_the_lease_invalid() -> None:
    """The store may have lost what was pushed to it; a cluster's next node like the first one."""
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    await required(instance)
    for number in (2, 3):
        database.commit()
        store.connected_at = now()
        assert await required(instance) == here(number)


@virtual
async def test_one_poll_after_a_connection_serves_as_long_as_any_lease() -> None:
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    await required(instance)
    store.connected_at = now()
    for _ in range(5):
        await required(instance)
    assert database.calls == ["versions"] * 2


# Rule 18: a missing known version is created under the fill lock, which is taken first.


@virtual
async def test_the_fill_lock_is_taken_before_sql_is_read() -> None:
    """A version that was read earlier, as the lease was, could lack an acknowledged write."""
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    await required(instance)
    store.wipe()
    store.when("lock Pop", database.commit)
    assert await required(instance) == here(2)
    assert store.state.known_versions["Pop"] == here(2)


@virtual
async def test_a_push_after_sql_was_read_prevents_the_creation_from_the_older_number() -> None:
    """The push deletes our fill lock, so that we are not its owner any more."""
    database, store = ScriptedDatabase(), ScriptedStore()
    instance = CacheInstance(database, store)
    store.when("advance Pop", lambda: store.push(database.commit()))
    assert await required(instance) == here(1)
    assert store.state.known_versions == {}


@virtual
async def test_without_the_fill_lock_the_version_just_read_is_required_and_not_pushed() -> None:
    database, store = ScriptedDatabase(), ScriptedStore()
    instance = CacheInstance(database, store)
    store.when("lock Pop", database.commit)
    store.state.lock("Pop", "another instance", 5)
    assert await required(instance) == here(2)
    assert store.state.known_versions == {}


@virtual
async def test_a_known_version_of_another_epoch_counts_as_missing() -> None:
    """SQL was replaced by another database, whose numbers are smaller."""
    database, store = ScriptedDatabase(), ScriptedStore()
    store.state.known_versions["Pop"] = Version("there", 9)
    assert await required(CacheInstance(database, store)) == here(1)
    assert store.state.known_versions["Pop"] == here(1)


@virtual
async def test_the_fill_lock_is_freed_after_a_known_version_was_created() -> None:
    """The fill that follows takes it at once, instead of waiting until it expires."""
    database, store = ScriptedDatabase(), ScriptedStore()
    await required(CacheInstance(database, store))
    assert store.state.locks == {}


@virtual
async def test_the_fill_lock_is_freed_when_sql_could_not_be_read() -> None:
    database, store = ScriptedDatabase(), ScriptedStore()
    instance = CacheInstance(database, store)
    database.when("versions", lambda: None, failing(DatabaseUnavailable()))
    with pytest.raises(DatabaseUnavailable):
        await required(instance)
    assert store.calls[-2:] == ["lock Pop", "unlock Pop"]
    assert store.state.locks == {}


@virtual
async def test_a_fill_lock_that_could_not_be_freed_expires() -> None:
    store = ScriptedStore()
    mine, other = FillLock(store, "Pop"), FillLock(store, "Pop")
    assert await mine.take()
    store.when("unlock Pop", failing(StoreUnavailable()))
    await mine.free()
    assert not await other.take()
    await asyncio.sleep(FILL_LOCK_SECONDS)
    assert await other.take()


@virtual
async def test_only_its_owner_frees_a_fill_lock() -> None:
    store = ScriptedStore()
    mine, other = FillLock(store, "Pop"), FillLock(store, "Pop")
    assert await mine.take()
    await other.free()
    assert not await other.take()
    await mine.free()
    assert await other.take()


# Rule 27: without the store, exactly the version that SQL answers to a query after the read.


async def exactly_required(store: Store) -> tuple[RequiredVersion, CacheInstance]:
    """What a read requires right after a commit that the lease does not have."""
    database = ScriptedDatabase()
    instance = CacheInstance(database, store)
    await instance.leases.after(now())
    database.commit()
    return await instance.required.for_read("Pop", now()), instance


@virtual
async def test_without_redis_exactly_the_version_now_in_sql_is_required() -> None:
    answer, _ = await exactly_required(NoStore())
    assert answer == RequiredVersion(here(2), exact=True)


@virtual
async def test_while_redis_is_unavailable_exactly_the_version_now_in_sql_is_required() -> None:
    answer, instance = await exactly_required(ScriptedStore(fault=StoreUnavailable()))
    assert answer == RequiredVersion(here(2), exact=True)
    assert instance.counts[Count.STORE_BYPASSED] == 1


# Rule 10: a smaller version from a later query proves a rollback.


def remembering(database: ScriptedDatabase, store: Store, number: int) -> CacheInstance:
    """An instance that has seen this version of Pop."""
    instance = CacheInstance(database, store)
    instance.rollbacks.saw("Pop", here(number))
    return instance


def keep(instance: CacheInstance, number: int) -> None:
    """Put a copy of Pop into the instance's memory."""
    instance.memory.put(POP, cached_list(here(number)))


@virtual
async def test_a_smaller_version_from_a_later_query_drops_what_sql_lost() -> None:
    database, store = ScriptedDatabase(), knowing(9)
    store.put_list(here(9))
    instance = remembering(database, store, 9)
    keep(instance, 9)
    assert await instance.rollbacks.detect("Pop", here(5), now())
    assert instance.memory.even_if_expired(POP) is None
    assert store.state.lists == {}
    assert store.state.known_versions == {}
    assert instance.counts[Count.ROLLBACK_DETECTED] == 1


@virtual
async def test_after_a_rollback_sqls_answer_is_required_although_the_known_version_is_greater() -> (
    None
):
    database, store = ScriptedDatabase(), knowing(9)
    instance = remembering(database, store, 9)
    assert await required(instance) == here(1)


@virtual
async def test_a_known_version_that_was_read_counts_as_seen() -> None:
    """The first poll began before: it proves nothing. The next one proves the rollback."""
    database, store = ScriptedDatabase(), knowing(9)
    instance = CacheInstance(database, store)
    database.when("versions", lambda: None, failing(DatabaseUnavailable()))
    assert await required(instance) == here(9)
    await asyncio.sleep(LEASE_SECONDS + 1)
    assert await required(instance) == here(1)


# Rule 32: a known version newer than the lease is compared with a later poll.


@virtual
async def test_an_instance_that_has_seen_nothing_finds_a_rollback_at_its_first_read() -> None:
    """It was started after SQL was restored; Redis still has the lost list."""
    database, store = ScriptedDatabase(), knowing(9)
    store.put_list(here(9))
    instance = CacheInstance(database, store)
    assert shown(await instance.read()) == "Pop 1"
    assert instance.counts[Count.ROLLBACK_DETECTED] == 1


@virtual
async def test_a_poll_under_way_is_not_compared_with_a_known_version_that_is_read_later() -> None:
    database, store = ScriptedDatabase(seconds=0.1), knowing(1)
    instance = CacheInstance(database, store)
    await required(instance)
    polling = asyncio.create_task(instance.leases.after(now()))
    await asyncio.sleep(0.05)
    store.push(database.commit())
    assert await required(instance) == here(2)
    await polling
    assert instance.counts[Count.ROLLBACK_DETECTED] == 0
    assert store.state.known_versions["Pop"] == here(2)


@virtual
async def test_readers_after_a_write_share_one_poll() -> None:
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    await required(instance)
    store.push(database.commit())
    answers = await asyncio.gather(*(required(instance) for _ in range(50)))
    assert set(answers) == {here(2)}
    assert database.calls.count("versions") <= 3


@virtual
async def test_a_known_version_newer_than_the_lease_is_required_though_sql_fails() -> None:
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    await required(instance)
    store.push(database.commit())
    database.fault = DatabaseUnavailable()
    assert await required(instance) == here(2)


@virtual
async def test_a_write_that_is_seen_during_the_poll_does_not_hide_the_rollback() -> None:
    """After the restore another write made a version that is greater than the lost one."""
    database, store = ScriptedDatabase(seconds=0.1), knowing(9)
    instance = CacheInstance(database, store)
    keep(instance, 9)
    reading = asyncio.create_task(required(instance))
    await asyncio.sleep(0.15)
    database.numbers["Pop"] = 12
    store.push(here(12))
    assert await required(instance) == here(12)
    assert await reading == here(1)
    assert instance.memory.even_if_expired(POP) is None
    assert store.state.known_versions["Pop"] == here(12)


@virtual
async def test_a_database_that_was_replaced_during_the_poll_is_no_rollback() -> None:
    database, store = ScriptedDatabase(), knowing(9)
    instance = CacheInstance(database, store)

    def replace_database() -> None:
        database.epoch = "there"

    database.when("versions", lambda: None, replace_database)
    assert await required(instance) == Version("there", 1)
    assert instance.counts[Count.ROLLBACK_DETECTED] == 0


@virtual
async def test_a_copy_that_sql_still_has_survives_a_rollback() -> None:
    instance = remembering(ScriptedDatabase(), knowing(9), 9)
    keep(instance, 5)
    assert await instance.rollbacks.detect("Pop", here(5), now())
    assert instance.memory.even_if_expired(POP) is not None


@virtual
async def test_a_query_that_began_before_the_greater_version_was_seen_proves_nothing() -> None:
    """Its answer is only old."""
    database, store = ScriptedDatabase(), ScriptedStore()
    instance = CacheInstance(database, store)
    keep(instance, 9)
    began = now()
    instance.rollbacks.saw("Pop", here(9))
    assert not await instance.rollbacks.detect("Pop", here(5), began)
    assert instance.memory.even_if_expired(POP) is not None
    assert store.calls == []


@virtual
async def test_a_poll_under_way_while_a_push_arrives_proves_nothing() -> None:
    """The poll read 1, the writer committed and pushed 2, and only then is the poll's answer used.

    The known version stays, for a write that was acknowledged depends on it.
    """
    database, store = ScriptedDatabase(), knowing(1)
    instance = CacheInstance(database, store)
    store.when("known_version Pop", lambda: store.push(database.commit()))
    assert await required(instance) == here(2)
    assert store.state.known_versions["Pop"] == here(2)


@virtual
async def test_a_version_that_is_seen_again_counts_from_when_it_was_first_seen() -> None:
    """Each read sees the known version again; a poll would never begin later than the last one."""
    instance = remembering(ScriptedDatabase(), knowing(9), 9)
    began = now()
    instance.rollbacks.saw("Pop", here(9))
    assert await instance.rollbacks.detect("Pop", here(5), began)


@virtual
async def test_an_older_version_that_is_seen_does_not_hide_the_greatest() -> None:
    instance = remembering(ScriptedDatabase(), knowing(9), 9)
    instance.rollbacks.saw("Pop", here(3))
    assert await instance.rollbacks.detect("Pop", here(5), now())


@virtual
async def test_a_rollback_is_accepted_and_dealt_with_once() -> None:
    database, store = ScriptedDatabase(), knowing(9)
    instance = remembering(database, store, 9)
    for _ in range(3):
        assert await required(instance) == here(1)
        await asyncio.sleep(LEASE_SECONDS + 1)
    assert instance.counts[Count.ROLLBACK_DETECTED] == 1


@virtual
async def test_a_version_of_another_epoch_proves_no_rollback() -> None:
    """It is another database, whose numbers say nothing about ours."""
    instance = remembering(ScriptedDatabase(), ScriptedStore(), 9)
    assert not await instance.rollbacks.detect("Pop", Version("there", 5), now())
    assert not await instance.rollbacks.detect("Pop", Version("there", 5), now())


@virtual
async def test_a_rollback_that_could_not_be_sent_to_the_store_is_dealt_with_at_the_next_read() -> (
    None
):
    database, store = ScriptedDatabase(), knowing(9)
    store.put_list(here(9))
    instance = remembering(database, store, 9)
    store.when("advance Pop", failing(StoreUnavailable()))
    with pytest.raises(StoreUnavailable):
        await instance.rollbacks.detect("Pop", here(5), now())
    assert await instance.rollbacks.detect("Pop", here(5), now())
    assert store.state.lists == {}


@virtual
async def test_without_redis_a_rollback_drops_the_memory_copies() -> None:
    instance = remembering(ScriptedDatabase(), NoStore(), 9)
    keep(instance, 9)
    assert await instance.rollbacks.detect("Pop", here(5), now())
    assert instance.memory.even_if_expired(POP) is None
