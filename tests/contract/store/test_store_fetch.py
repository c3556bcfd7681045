"""`fetch`, `discard`, `newest`, and the lock: what is asked, and what is answered."""

import asyncio

from shared.cache.store import StoredFields
from shared.repository.versions import Version
from tests.contract.store.stages import Stage
from tests.contract.store.state import State

V5 = Version("here", 5)
BOTH = {"core": b"core", "full": b"full"}


async def fetched(stage: Stage, *fields: str) -> StoredFields:
    copy = await stage.store.fetch("Pop", fields)
    assert copy is not None
    return copy


async def test_a_missing_list_is_none(stage: Stage) -> None:
    assert await stage.store.fetch("Pop", ["core"]) is None
    assert await stage.store.fetch("Pop", ["core"], size=1000) is None


async def test_only_the_fields_asked_for_are_answered(stage: Stage) -> None:
    await stage.set("Pop", State(V5, V5, fields=BOTH))
    assert (await fetched(stage, "full")).fields == {"full": b"full"}


async def test_a_representation_that_is_not_there_is_left_out(stage: Stage) -> None:
    await stage.set("Pop", State(V5, V5, fields=BOTH))
    copy = await fetched(stage, "core", "another release's")
    assert copy.fields == {"core": b"core"}
    assert copy.version == V5


async def test_a_list_without_any_representation_still_tells_its_version(stage: Stage) -> None:
    await stage.set("Pop", State(V5, V5))
    assert (await fetched(stage, "core")).version == V5


async def test_a_list_is_fetched_whatever_the_known_version_says(stage: Stage) -> None:
    """A store only stores: who is fresh is decided elsewhere."""
    await stage.set("Pop", State(Version("here", 9), V5))
    assert (await fetched(stage)).version == V5


async def test_the_remaining_life_is_in_seconds(stage: Stage) -> None:
    await stage.set("Pop", State(V5, V5), life=4000)
    assert 3600 < (await fetched(stage)).remaining <= 4000


async def test_a_list_is_gone_when_its_life_is_over(stage: Stage) -> None:
    await stage.set("Pop", State(V5))
    await stage.store.put("Pop", V5, BOTH, ttl=0.05)
    await stage.pass_time(0.06)
    assert await stage.store.fetch("Pop", ["core"]) is None


async def test_a_discarded_list_is_gone_and_its_known_version_stays(stage: Stage) -> None:
    await stage.set("Pop", State(V5, V5, "mine", BOTH))
    await stage.store.discard("Pop")
    assert await stage.state("Pop") == State(V5, lock="mine")
    await stage.store.discard("Pop")


async def test_a_missing_known_version_is_none(stage: Stage) -> None:
    assert (await stage.store.known_version("Pop")).version is None


async def test_the_known_version_is_read_as_it_was_written(stage: Stage) -> None:
    await stage.set("Pop", State(V5))
    assert (await stage.store.known_version("Pop")).version == V5


async def test_the_known_version_outlives_every_list(stage: Stage) -> None:
    await stage.set("Pop", State(lock="mine"))
    await stage.store.advance("Pop", V5, owner="mine")
    await stage.store.put("Pop", V5, BOTH, ttl=0.05)
    await stage.pass_time(0.06)
    assert (await stage.state("Pop")).known == V5


async def test_a_free_lock_is_taken_once(stage: Stage) -> None:
    assert await stage.store.lock("Pop", "mine", 60)
    assert not await stage.client().lock("Pop", "theirs", 60)
    assert not await stage.store.lock("Pop", "mine", 60)


async def test_only_its_owner_frees_a_lock(stage: Stage) -> None:
    await stage.store.lock("Pop", "mine", 60)
    await stage.client().unlock("Pop", "theirs")
    assert not await stage.store.lock("Pop", "other", 60)
    await stage.store.unlock("Pop", "mine")
    assert await stage.store.lock("Pop", "other", 60)


async def test_freeing_a_lock_without_an_owner_changes_nothing(stage: Stage) -> None:
    await stage.store.unlock("Pop", "mine")
    assert await stage.state("Pop") == State()


async def test_a_lock_frees_itself_when_its_owner_died(stage: Stage) -> None:
    await stage.store.lock("Pop", "mine", 0.05)
    await stage.pass_time(0.06)
    assert await stage.store.lock("Pop", "theirs", 60)
    await stage.store.unlock("Pop", "mine")
    assert (await stage.state("Pop")).lock == "theirs"


async def test_of_many_who_want_the_lock_one_gets_it(stage: Stage) -> None:
    clients = [stage.client() for _ in range(4)]
    tries = [
        client.lock("Pop", f"{n} {i}", 5) for n in range(5) for i, client in enumerate(clients)
    ]
    assert (await asyncio.gather(*tries)).count(True) == 1


async def test_locks_of_different_scopes_are_different_locks(stage: Stage) -> None:
    assert await stage.store.lock("Pop", "mine", 60)
    assert await stage.store.lock("all", "mine", 60)


async def test_a_ping_is_answered(stage: Stage) -> None:
    await stage.store.ping()
    assert await stage.state("") == State()
