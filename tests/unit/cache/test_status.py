"""The status: what it says of lists and of the process, what it costs, and what a fault leaves."""

import asyncio
from typing import Final

from shared.cache.circuit_breaker import CircuitBreaker
from shared.cache.status import SHARED_SECONDS, Lists, ListStatus, Size
from shared.cache.store import NoStore, StoreUnavailable
from shared.errors import DatabaseUnavailable
from tests.unit.cache.cache_instance import LEASE_SECONDS, CacheInstance, here
from tests.unit.cache.scripted_calls import failing
from tests.unit.cache.scripted_database import ScriptedDatabase, body_of
from tests.unit.cache.scripted_store import LIFE, ScriptedStore
from tests.unit.cache.virtual_time import now, seconds_of, virtual, virtual_runtime

POP_SIZE: Final = Size(1, body_of("Pop", here(1)).length, len(body_of("Pop", here(1)).gzip))


def pop(lists: Lists) -> ListStatus:
    (found,) = (one for one in lists.lists if one.scope == "Pop")
    return found


@virtual
async def test_a_list_has_its_versions_its_life_and_its_size() -> None:
    store, database = ScriptedStore(), ScriptedDatabase()
    database.numbers["Pop"] = 7
    store.put_list(here(5))
    await asyncio.sleep(100)
    found = pop(await CacheInstance(database, store).status.lists())
    assert (found.state, found.version, found.known_version) == ("stale", 7, 5)
    stored = found.stored_list
    assert stored is not None
    assert (stored.version, stored.views) == (5, {"core": POP_SIZE})
    assert (round(stored.age_seconds), round(stored.seconds_left)) == (100, round(LIFE - 100))


@virtual
async def test_all_comes_first_and_an_unknown_list_has_nothing_in_redis() -> None:
    lists = await CacheInstance(ScriptedDatabase(), ScriptedStore()).status.lists()
    assert (lists.sql, lists.redis, lists.epoch) == ("available", "available", "here")
    assert [one.scope for one in lists.lists] == ["all", "Pop"]
    assert pop(lists) == ListStatus("Pop", lists.lists[0].state, 1, None, None, {})
    assert pop(lists).state == "empty"


@virtual
async def test_a_memory_copy_has_its_version_its_life_and_its_size() -> None:
    instance = CacheInstance(ScriptedDatabase(), ScriptedStore())
    await instance.read()
    await asyncio.sleep(60)
    copy = pop(await instance.status.lists()).memory_copies["core"]
    assert (copy.version, copy.size) == (1, POP_SIZE)
    assert (round(copy.age_seconds), round(copy.seconds_left)) == (60, 3540)
    memory = instance.status.process().memory
    assert (memory.copies, memory.bytes) == (1, instance.memory.bytes)
    assert memory.limit_bytes == instance.settings.cache_memory_mb * 2**20


@virtual
async def test_the_hit_ratio_is_that_of_memory_and_redis_among_all_reads() -> None:
    store = ScriptedStore()
    instance = CacheInstance(ScriptedDatabase(), store)
    assert instance.status.process().hit_ratio is None
    await instance.read()
    await instance.settle()
    for _ in range(3):
        await instance.read()
    process = instance.status.process()
    reads = {"memory": 3, "redis": 0, "filled": 1, "collapsed": 0, "stale": 0}
    assert (process.reads, process.hit_ratio) == (reads, 0.75)


@virtual
async def test_the_lease_counts_down_and_the_status_of_the_process_does_not_renew_it() -> None:
    database = ScriptedDatabase()
    instance = CacheInstance(database, ScriptedStore())
    assert instance.status.process().lease is None
    await instance.read()
    polls = database.calls.count("versions")
    left = []
    for _ in range(3):
        lease = instance.status.process().lease
        assert lease is not None
        assert (lease.epoch, lease.lease_seconds) == ("here", LEASE_SECONDS)
        left.append(lease.seconds_left)
        await asyncio.sleep(LEASE_SECONDS * 0.75)
    assert left[0] > left[1] > left[2] == 0
    assert database.calls.count("versions") == polls


@virtual
async def test_the_circuit_says_since_when_it_is_open_and_closed() -> None:
    store = ScriptedStore()
    circuit = CircuitBreaker(store, virtual_runtime())
    instance = CacheInstance(ScriptedDatabase(), circuit)
    await asyncio.sleep(50)
    store.fault = StoreUnavailable()
    assert _circuit(instance) == ("closed", 50)
    await instance.status.lists()
    for _ in range(20):  # it is tried again in vain, and is open since the first failure
        await asyncio.sleep(1.5)
        await seconds_of(circuit.ping())
    assert _circuit(instance) == ("open", 30)
    store.fault = None
    await asyncio.sleep(1.5)
    await seconds_of(circuit.ping())
    await asyncio.sleep(7)
    assert _circuit(instance) == ("closed", 7)


def _circuit(instance: CacheInstance) -> tuple[str, int]:
    found = instance.status.process().circuit
    assert found is not None
    return found.state, round(found.changed_seconds_ago)


@virtual
async def test_callers_share_the_lists_for_a_second() -> None:
    store, database = ScriptedStore(), ScriptedDatabase()
    status = CacheInstance(database, store).status
    answers = await asyncio.gather(*(status.lists() for _ in range(50)))
    assert all(one is answers[0] for one in answers)
    commands, polls = len(store.calls), database.calls.count("versions")
    assert store.calls == ["ping", "survey"]
    assert polls <= 2
    while now() < 10:
        await status.lists()
        await asyncio.sleep(0.05)
    assert len(store.calls) <= commands * (1 + 10 / SHARED_SECONDS)
    assert database.calls.count("versions") <= polls * (1 + 10 / SHARED_SECONDS)


@virtual
async def test_a_new_answer_shows_what_was_written_since() -> None:
    store, database = ScriptedStore(), ScriptedDatabase()
    status = CacheInstance(database, store).status
    store.put_list(here(1))
    assert pop(await status.lists()).state == "fresh"
    database.commit("Pop")
    await asyncio.sleep(SHARED_SECONDS)
    found = pop(await status.lists())
    assert (found.state, found.version) == ("stale", 2)


@virtual
async def test_while_redis_is_unavailable_one_command_is_sent_and_what_it_has_is_null() -> None:
    store = ScriptedStore(seconds=0.2, fault=StoreUnavailable())
    status = CacheInstance(ScriptedDatabase(), store).status
    lists = await status.lists()
    assert (lists.sql, lists.redis) == ("available", "unavailable")
    assert lists.lists[1] == ListStatus("Pop", None, 1, None, None, {})
    assert store.calls == ["ping"]


@virtual
async def test_a_redis_that_fails_half_way_is_unavailable() -> None:
    store = ScriptedStore()
    store.when("survey", failing(StoreUnavailable()))
    lists = await CacheInstance(ScriptedDatabase(), store).status.lists()
    assert (lists.redis, pop(lists).state) == ("unavailable", None)


@virtual
async def test_without_redis_lists_have_their_version_and_their_memory_copies() -> None:
    instance = CacheInstance(ScriptedDatabase(), NoStore())
    await instance.read()
    lists = await instance.status.lists()
    assert (lists.redis, pop(lists).state, pop(lists).version) == ("not used", None, 1)
    assert list(pop(lists).memory_copies) == ["core"]
    assert instance.status.process().circuit is None


@virtual
async def test_while_sql_is_unavailable_its_last_answer_is_told() -> None:
    store, database = ScriptedStore(), ScriptedDatabase()
    instance = CacheInstance(database, store)
    store.put_list(here(1))
    await instance.read()
    database.fault = DatabaseUnavailable()
    await asyncio.sleep(60)
    lists = await instance.status.lists()
    assert (lists.sql, lists.redis, lists.epoch) == ("unavailable", "available", "here")
    assert (pop(lists).version, pop(lists).state) == (1, "fresh")


@virtual
async def test_before_sql_has_ever_answered_there_are_no_lists_and_no_error() -> None:
    database = ScriptedDatabase(seconds=100)
    status = CacheInstance(database, ScriptedStore()).status
    began = now()
    lists = await status.lists()
    assert lists == Lists(lists.sql, lists.redis, "", [])
    assert (lists.sql, lists.redis) == ("unavailable", "available")
    assert now() - began < 3
