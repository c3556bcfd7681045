"""`survey`: the known version and the stored list of many scopes, in one round trip."""

import pytest

from shared.cache.store import Surveyed
from shared.repository.versions import Version
from tests.contract.store.stages import RedisStage, Stage, key_names
from tests.contract.store.state import State
from tests.contract.store.test_store_keys import FOREIGN, write

V5, V9 = Version("here", 5), Version("here", 9)
BOTH = {"core": b"core", "full": b"full"}
SCOPES = ["all", "Pop", "Jazz", "R&B", "Children's Music", "Hip-Hop", "Ska", "World"]
"""In a cluster they are on several servers."""


async def test_each_scope_has_its_own_in_the_order_that_was_asked(stage: Stage) -> None:
    await stage.set("Jazz", State(V9, V5, fields=BOTH))
    await stage.set("Ska", State(V5))
    found = dict(zip(SCOPES, await stage.store.survey(SCOPES, ["full", "other"]), strict=True))
    jazz, ska = found.pop("Jazz"), found.pop("Ska")
    assert (jazz.known, jazz.readable) == (V9, True)
    assert jazz.stored is not None
    assert (jazz.stored.version, jazz.stored.fields) == (V5, {"full": b"full"})
    assert jazz.stored.remaining > 0
    assert ska == Surveyed(V5, None)
    assert set(found.values()) == {Surveyed(None, None)}


async def test_a_survey_says_what_single_reads_say(stage: Stage) -> None:
    await stage.set("Pop", State(V9, V5, fields=BOTH))
    (found,) = await stage.store.survey(["Pop"], ["core"])
    single = await stage.store.fetch("Pop", ["core"])
    assert found.known == (await stage.store.known_version("Pop")).version
    assert single is not None
    assert found.stored is not None
    assert (found.stored.version, found.stored.fields) == (single.version, single.fields)


async def test_a_survey_of_no_scope_is_empty(stage: Stage) -> None:
    assert list(await stage.store.survey([], ["core"])) == []


@pytest.mark.parametrize("words", FOREIGN)
async def test_foreign_bytes_of_one_scope_leave_the_others_readable(
    redis_stage: RedisStage, words: tuple[str, ...]
) -> None:
    await redis_stage.set("Pop", State(V5, V5))
    await write(redis_stage, key_names("Jazz")[0], words)
    pop, jazz = await redis_stage.store.survey(["Pop", "Jazz"], ["core"])
    assert pop.stored is not None
    assert jazz == Surveyed(None, None, readable=False)


async def test_a_known_version_of_another_type_counts_as_missing(redis_stage: RedisStage) -> None:
    await redis_stage.set("Pop", State(V5, V5))
    await write(redis_stage, key_names("Pop")[1], ("RPUSH", "{}", "a"))
    (found,) = await redis_stage.store.survey(["Pop"], ["core"])
    assert (found.known, found.stored is None) == (None, False)
