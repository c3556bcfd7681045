"""`put`, the store of a filled list: every branch of the protocol's script."""

import itertools

import pytest

from shared.cache.store import PutResult
from shared.repository.versions import Version
from tests.contract.store.stages import Stage
from tests.contract.store.state import State, stored

CORE = {"core": b"\x00\xff core"}
FULL = {"full": b"full"}


def v(number: int, epoch: str = "here") -> Version:
    return Version(epoch, number)


TTL = 2000.0
ELSEWHERE = v(5, "elsewhere")
KNOWN = (None, v(4), v(5), v(6), ELSEWHERE)


async def put(stage: Stage, number: int = 5, *, renew: bool = False) -> PutResult:
    return await stage.store.put("Pop", v(number), CORE, ttl=TTL, renew=renew)


async def remaining(stage: Stage) -> float:
    copy = await stage.store.fetch("Pop", [])
    assert copy is not None
    return copy.remaining


async def test_without_a_known_version_nothing_is_stored(stage: Stage) -> None:
    assert await put(stage) is PutResult.NO_KNOWN_VERSION
    assert await stage.state("Pop") == State()


async def test_under_another_databases_known_version_nothing_is_stored(stage: Stage) -> None:
    await stage.set("Pop", State(ELSEWHERE))
    assert await put(stage) is PutResult.NO_KNOWN_VERSION
    assert await stage.state("Pop") == State(ELSEWHERE)


async def test_a_list_older_than_the_known_version_is_not_stored(stage: Stage) -> None:
    await stage.set("Pop", State(v(6)))
    assert await put(stage) is PutResult.OLDER
    assert await stage.state("Pop") == State(v(6))


async def test_a_newer_list_is_kept(stage: Stage) -> None:
    await stage.set("Pop", State(v(5), v(6), fields=FULL))
    assert await put(stage) is PutResult.KEPT_NEWER
    assert await stage.state("Pop") == State(v(5), v(6), fields=FULL)


async def test_an_older_list_is_replaced_as_a_whole(stage: Stage) -> None:
    await stage.set("Pop", State(v(5), v(4), fields=FULL))
    assert await put(stage) is PutResult.STORED
    assert await stage.state("Pop") == State(v(5), v(5), fields=CORE)


async def test_another_databases_list_is_replaced_as_a_whole(stage: Stage) -> None:
    await stage.set("Pop", State(v(5), v(9, "elsewhere"), fields=FULL))
    assert await put(stage) is PutResult.STORED
    assert await stage.state("Pop") == State(v(5), v(5), fields=CORE)


async def test_storing_never_moves_the_known_version(stage: Stage) -> None:
    await stage.set("Pop", State(v(5)))
    assert await put(stage, 7) is PutResult.STORED
    assert await stage.state("Pop") == State(v(5), v(7), fields=CORE)


async def test_a_stored_list_lives_as_long_as_its_ttl(stage: Stage) -> None:
    await stage.set("Pop", State(v(5)))
    await put(stage)
    assert TTL * 0.9 < await remaining(stage) <= TTL


async def test_a_replaced_list_starts_a_life_of_its_own(stage: Stage) -> None:
    await stage.set("Pop", State(v(5), v(4)), life=2 * TTL)
    await put(stage)
    assert await remaining(stage) <= TTL


async def test_a_second_representation_joins_the_first_without_a_longer_life(stage: Stage) -> None:
    await stage.set("Pop", State(v(5), v(5), fields=FULL), life=TTL / 2)
    assert await put(stage) is PutResult.STORED
    assert await stage.state("Pop") == State(v(5), v(5), fields={**FULL, **CORE})
    assert await remaining(stage) <= TTL / 2


async def test_renewal_starts_a_new_life_and_drops_the_other_representation(stage: Stage) -> None:
    """The other would otherwise live past its own TTL."""
    await stage.set("Pop", State(v(5), v(5), fields=FULL), life=TTL / 2)
    assert await put(stage, renew=True) is PutResult.STORED
    assert await stage.state("Pop") == State(v(5), v(5), fields=CORE)
    assert await remaining(stage) > TTL * 0.9


async def test_renewal_does_not_bring_back_an_older_list(stage: Stage) -> None:
    await stage.set("Pop", State(v(6), v(6), fields=FULL))
    assert await put(stage, renew=True) is PutResult.OLDER
    assert await stage.state("Pop") == State(v(6), v(6), fields=FULL)


@pytest.mark.parametrize("renew", [False, True])
async def test_every_state_becomes_what_the_protocol_says(stage: Stage, renew: bool) -> None:  # noqa: FBT001 -- a parameter of pytest
    for known, listed in itertools.product(KNOWN, KNOWN):
        state = State(known, listed, "theirs", FULL if listed else {})
        await stage.set("Pop", state)
        answer = await put(stage, renew=renew)
        assert (await stage.state("Pop"), answer) == stored(state, v(5), CORE, renew=renew), state


@pytest.mark.parametrize("number", [2**53 - 1, 2**52 + 1])
async def test_numbers_stay_exact_up_to_the_largest(stage: Stage, number: int) -> None:
    await stage.set("Pop", State(v(number - 1)))
    assert await put(stage, number) is PutResult.STORED
    assert await put(stage, number - 1) is PutResult.KEPT_NEWER
    assert (await stage.state("Pop")).stored == v(number)


async def test_bodies_are_stored_byte_for_byte(stage: Stage) -> None:
    body = bytes(range(256)) * 8192
    await stage.set("Pop", State(v(5)))
    await stage.store.put("Pop", v(5), {"gzip": body, "empty": b""}, ttl=10)
    copy = await stage.store.fetch("Pop", ["gzip", "empty"], size=len(body))
    assert copy is not None
    assert copy.fields == {"gzip": body, "empty": b""}
