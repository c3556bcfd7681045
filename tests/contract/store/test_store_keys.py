"""Redis itself: the names of the keys, and what others may have written there."""

import asyncio

import pytest
from redis.crc import key_slot

from local.sample_data_shape import GENRES
from shared.cache.redis.redis_store import keys_of
from shared.cache.store import PutResult, Unreadable
from shared.repository.versions import Version
from tests.contract.store.stages import RedisStage, key_names
from tests.contract.store.state import State

V5 = Version("here", 5)
SCOPES = sorted(
    {name for name, _ in GENRES}
    | {"all", "Children's Music", "Children’s Music", "R&B", "Hip-Hop", "アニメ", "Ó:*?["}
)
UNPARSABLE = (
    "",
    "5",
    "here:",
    ":",
    ":5",
    "here:" + "9" * 17,
    "here:" + "9" * 5000,
    "here:5:5",
    "here:-5",
    "here:5.0",
    "here:1e3",
    "here: 5",
    "é:x",
)
NO_VERSIONS = (
    ("a", "b"),
    ("e", "here"),
    ("v", "5"),
    ("e", "here", "v", "x"),
    ("e", "here", "v", "9" * 17),
    ("e", "here", "v", "9" * 5000),
)
FOREIGN = (("SET", "{}", "text"), ("RPUSH", "{}", "a", "b"), ("SADD", "{}", "a"))


async def write(stage: RedisStage, key: str, words: tuple[str, ...]) -> None:
    await stage.command("DEL", key)
    await stage.command(*(word.format(key) for word in words))


@pytest.mark.parametrize("scope", SCOPES)
def test_the_keys_are_named_as_docs_protocol_names_them(scope: str) -> None:
    keys = keys_of(scope)
    assert [keys.list, keys.version, keys.lock] == list(key_names(scope))


@pytest.mark.parametrize("scope", SCOPES)
def test_the_three_keys_of_a_scope_share_a_cluster_slot(scope: str) -> None:
    keys = keys_of(scope)
    names = (keys.list, keys.version, keys.lock)
    assert len({key_slot(name.encode()) for name in names}) == 1


async def test_every_scope_of_the_data_set_can_be_stored(redis_stage: RedisStage) -> None:
    store = redis_stage.store
    for scope in SCOPES:
        assert await store.lock(scope, "mine", 5)
        await store.advance(scope, V5, owner="mine")
        assert await store.put(scope, V5, {"core": b"x"}, ttl=10) is PutResult.STORED
        assert await redis_stage.state(scope) == State(V5, V5, "mine", {"core": b"x"})
    names = {name for scope in SCOPES for name in key_names(scope)}
    assert await redis_stage.keys() == names


async def test_the_known_version_is_plain_text_without_an_end(redis_stage: RedisStage) -> None:
    """Its form is frozen for ever: releases of all times read it."""
    await redis_stage.set("Pop", State(lock="mine"))
    await redis_stage.store.advance("Pop", V5, owner="mine")
    key = key_names("Pop")[1]
    assert await redis_stage.command("GET", key) == b"here:5"
    assert await redis_stage.command("PTTL", key) == -1


async def test_an_unparsable_known_version_counts_as_missing(redis_stage: RedisStage) -> None:
    store, (_, known, lock) = redis_stage.store, key_names("Pop")
    for text in UNPARSABLE:
        await redis_stage.command("SET", known, text)
        assert (await store.known_version("Pop")).version is None, text
        assert await store.put("Pop", V5, {}, ttl=10) is PutResult.NO_KNOWN_VERSION, text
        await redis_stage.command("SET", lock, "mine")
        await store.advance("Pop", V5, owner="mine")
        assert await redis_stage.state("Pop") == State(V5, lock="mine"), text


async def test_a_push_removes_an_unparsable_known_version(redis_stage: RedisStage) -> None:
    for text in UNPARSABLE:
        await redis_stage.command("SET", key_names("Pop")[1], text)
        await redis_stage.store.advance("Pop", V5)
        assert await redis_stage.keys() == set(), text


@pytest.mark.parametrize("words", [("RPUSH", "{}", "a"), ("HSET", "{}", "a", "b")])
async def test_a_known_version_of_another_type_counts_as_missing(
    redis_stage: RedisStage, words: tuple[str, ...]
) -> None:
    store, (_, known, lock) = redis_stage.store, key_names("Pop")
    await write(redis_stage, known, words)
    assert (await store.known_version("Pop")).version is None
    assert await store.put("Pop", V5, {}, ttl=10) is PutResult.NO_KNOWN_VERSION
    await redis_stage.command("SET", lock, "mine")
    await store.advance("Pop", V5, owner="mine")
    assert await redis_stage.state("Pop") == State(V5, lock="mine")


@pytest.mark.parametrize("words", FOREIGN)
async def test_a_list_of_another_type_is_unreadable_and_can_be_discarded(
    redis_stage: RedisStage, words: tuple[str, ...]
) -> None:
    await write(redis_stage, key_names("Pop")[0], words)
    for size in (0, 1000):
        with pytest.raises(Unreadable):
            await redis_stage.store.fetch("Pop", ["core"], size=size)
    await redis_stage.store.discard("Pop")
    assert await redis_stage.store.fetch("Pop", ["core"]) is None


@pytest.mark.parametrize("words", FOREIGN)
async def test_a_list_of_another_type_is_replaced(
    redis_stage: RedisStage, words: tuple[str, ...]
) -> None:
    await redis_stage.set("Pop", State(V5))
    await write(redis_stage, key_names("Pop")[0], words)
    assert await redis_stage.store.put("Pop", V5, {"core": b"x"}, ttl=10) is PutResult.STORED
    assert (await redis_stage.state("Pop")).fields == {"core": b"x"}


@pytest.mark.parametrize("words", FOREIGN)
async def test_a_push_deletes_a_list_of_another_type(
    redis_stage: RedisStage, words: tuple[str, ...]
) -> None:
    await redis_stage.set("Pop", State(Version("here", 4)))
    await write(redis_stage, key_names("Pop")[0], words)
    await redis_stage.store.advance("Pop", V5)
    assert await redis_stage.state("Pop") == State(V5)


@pytest.mark.parametrize("fields", NO_VERSIONS)
async def test_a_hash_without_a_version_is_unreadable(
    redis_stage: RedisStage, fields: tuple[str, ...]
) -> None:
    key = key_names("Pop")[0]
    await redis_stage.command("HSET", key, *fields)
    await redis_stage.command("PEXPIRE", key, 60_000)
    with pytest.raises(Unreadable):
        await redis_stage.store.fetch("Pop", ["core"])


@pytest.mark.parametrize("number", ["x", "0x10", "9" * 17, "9" * 5000])
async def test_a_list_whose_version_is_no_number_is_deleted_by_a_push_and_replaced(
    redis_stage: RedisStage, number: str
) -> None:
    key, store = key_names("Pop")[0], redis_stage.store
    await redis_stage.set("Pop", State(V5))
    await redis_stage.command("HSET", key, "e", "here", "v", number)
    await store.advance("Pop", V5)
    assert await redis_stage.command("EXISTS", key) == 0
    await redis_stage.command("HSET", key, "e", "here", "v", number)
    assert await store.put("Pop", V5, {"core": b"x"}, ttl=10) is PutResult.STORED
    assert await redis_stage.state("Pop") == State(V5, V5, fields={"core": b"x"})


async def test_a_list_without_an_end_is_unreadable(redis_stage: RedisStage) -> None:
    """It would outlive its TTL for ever."""
    await redis_stage.command("HSET", key_names("Pop")[0], "e", "here", "v", "5")
    with pytest.raises(Unreadable):
        await redis_stage.store.fetch("Pop", ["core"])


@pytest.mark.parametrize("words", [("RPUSH", "{}", "a"), ("HSET", "{}", "a", "b")])
async def test_a_lock_of_another_type_has_no_owner(
    redis_stage: RedisStage, words: tuple[str, ...]
) -> None:
    """A push removes it; until then lists are filled without it."""
    await write(redis_stage, key_names("Pop")[2], words)
    await redis_stage.store.advance("Pop", V5, owner="mine")
    assert await redis_stage.keys() == set()


async def test_a_push_without_an_owner_owns_no_lock(redis_stage: RedisStage) -> None:
    await redis_stage.command("SET", key_names("Pop")[2], "")
    await redis_stage.store.advance("Pop", V5)
    assert (await redis_stage.state("Pop")).known is None


async def test_scripts_survive_a_server_that_forgets_them(redis_stage: RedisStage) -> None:
    await redis_stage.set("Pop", State(V5))
    await redis_stage.store.advance("Pop", V5)
    await redis_stage.forget_scripts()
    await redis_stage.store.advance("Pop", Version("here", 6))
    assert (await redis_stage.state("Pop")).known == Version("here", 6)


async def test_fifty_first_callers_at_once_are_all_served(redis_stage: RedisStage) -> None:
    """Discovering a cluster breaks when many begin it; and no one is refused a connection."""
    await redis_stage.set("Pop", State(V5, V5, fields={"core": b"x"}))
    store = redis_stage.client()
    asked = [store.known_version(f"Pop {n}") for n in range(25)]
    fetched = [store.fetch("Pop", ["core"], size=1) for _ in range(25)]
    await asyncio.gather(*asked, *fetched)


async def test_a_fill_lock_that_would_never_end_counts_as_free(redis_stage: RedisStage) -> None:
    store, lock = redis_stage.store, key_names("Pop")[2]
    for words in FOREIGN:
        await write(redis_stage, lock, words)
        assert await store.lock("Pop", "mine", 60), words
        assert await redis_stage.state("Pop") == State(lock="mine"), words
        assert not await store.lock("Pop", "theirs", 60), words
        assert 0 < await redis_stage.command("PTTL", lock) <= 60_000, words
