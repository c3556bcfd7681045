"""`advance`, the push and the repair: every branch of the protocol's script."""

import asyncio
import itertools

import pytest

from shared.repository.versions import Version
from tests.contract.store.stages import Stage
from tests.contract.store.state import State, advanced

LARGEST = 2**53 - 1


def v(number: int, epoch: str = "here") -> Version:
    return Version(epoch, number)


ELSEWHERE = v(5, "elsewhere")
KNOWN = (None, v(4), v(5), v(6), ELSEWHERE)
EVERY_STATE = [
    State(known, stored, lock)
    for known, stored, lock in itertools.product(KNOWN, KNOWN, (None, "mine", "theirs"))
]


async def test_it_raises_the_known_version_and_deletes_an_older_list(stage: Stage) -> None:
    await stage.set("Pop", State(v(4), v(4)))
    await stage.store.advance("Pop", v(5))
    assert await stage.state("Pop") == State(v(5))


async def test_it_never_lowers_the_known_version(stage: Stage) -> None:
    await stage.set("Pop", State(v(6), v(6)))
    await stage.store.advance("Pop", v(5))
    assert await stage.state("Pop") == State(v(6), v(6))


async def test_a_list_that_is_new_enough_stays(stage: Stage) -> None:
    await stage.set("Pop", State(v(4), v(5)))
    await stage.store.advance("Pop", v(5))
    assert await stage.state("Pop") == State(v(5), v(5))


async def test_a_list_without_a_known_version_goes_if_it_is_older(stage: Stage) -> None:
    await stage.set("Pop", State(None, v(4)))
    await stage.store.advance("Pop", v(5))
    assert await stage.state("Pop") == State()


async def test_without_the_lock_no_known_version_is_created(stage: Stage) -> None:
    await stage.store.advance("Pop", v(5))
    await stage.store.advance("Pop", v(5), owner="mine")
    assert await stage.state("Pop") == State()


async def test_the_owner_of_the_lock_creates_the_known_version(stage: Stage) -> None:
    await stage.set("Pop", State(lock="mine"))
    await stage.store.advance("Pop", v(5), owner="mine")
    assert await stage.state("Pop") == State(v(5), lock="mine")


async def test_a_push_frees_the_lock_of_an_older_fill(stage: Stage) -> None:
    """Else that fill would create the known version afterwards, from its old number."""
    await stage.set("Pop", State(lock="theirs"))
    await stage.store.advance("Pop", v(5))
    await stage.store.advance("Pop", v(4), owner="theirs")
    assert await stage.state("Pop") == State()


async def test_another_databases_known_version_goes_with_its_list(stage: Stage) -> None:
    await stage.set("Pop", State(ELSEWHERE, ELSEWHERE))
    await stage.store.advance("Pop", v(1))
    assert await stage.state("Pop") == State()


async def test_the_owner_of_the_lock_replaces_another_databases_known_version(stage: Stage) -> None:
    await stage.set("Pop", State(ELSEWHERE, ELSEWHERE, "mine"))
    await stage.store.advance("Pop", v(1), owner="mine")
    assert await stage.state("Pop") == State(v(1), lock="mine")


async def test_what_a_restored_database_lost_is_dropped(stage: Stage) -> None:
    await stage.set("Pop", State(v(9), v(9)))
    await stage.store.advance("Pop", v(5), lost=9)
    assert await stage.state("Pop") == State()


async def test_what_is_newer_than_the_loss_stays(stage: Stage) -> None:
    await stage.set("Pop", State(v(10), v(10)))
    await stage.store.advance("Pop", v(5), lost=9)
    assert await stage.state("Pop") == State(v(10), v(10))


@pytest.mark.parametrize("owner", ["", "mine"])
@pytest.mark.parametrize("lost", [None, 4, 5, 6, 7])
async def test_every_state_becomes_what_the_protocol_says(
    stage: Stage, owner: str, lost: int | None
) -> None:
    for state in EVERY_STATE:
        await stage.set("Pop", state)
        await stage.store.advance("Pop", v(5), owner=owner, lost=lost)
        assert await stage.state("Pop") == advanced(state, v(5), owner, lost), state


@pytest.mark.parametrize("state", [State(v(1), v(1)), State(v(3), v(2)), State(v(2), v(3))])
async def test_the_order_of_pushes_does_not_matter(stage: Stage, state: State) -> None:
    ends = set()
    for order in itertools.permutations((2, 3, 4, 4)):
        await stage.set("Pop", state)
        for number in order:
            await stage.store.advance("Pop", v(number))
        end = await stage.state("Pop")
        ends.add((end.known, end.stored, end.lock))
    assert ends == {(v(4), None, None)}


async def test_pushes_from_many_instances_end_at_the_newest(stage: Stage) -> None:
    await stage.set("Pop", State(v(1), v(1)))
    clients = [stage.client() for _ in range(3)]
    pushes = [
        client.advance("Pop", v(number))
        for client, number in zip(itertools.cycle(clients), range(2, 40), strict=False)
    ]
    await asyncio.gather(*pushes)
    assert await stage.state("Pop") == State(v(39))


@pytest.mark.parametrize("number", [0, 1, 2**31, 2**32 + 1, 2**52 + 1, LARGEST - 1])
async def test_numbers_stay_exact_up_to_the_largest(stage: Stage, number: int) -> None:
    await stage.set("Pop", State(lock="mine"))
    await stage.store.advance("Pop", v(number), owner="mine")
    assert (await stage.store.known_version("Pop")).version == v(number)
    await stage.store.advance("Pop", v(number + 1))
    await stage.store.advance("Pop", v(number))
    assert (await stage.store.known_version("Pop")).version == v(number + 1)


async def test_scopes_do_not_touch_each_other(stage: Stage) -> None:
    for scope in ("Pop", "pop", "all", "Pop "):
        await stage.set(scope, State(v(4), v(4), "mine"))
    await stage.store.advance("Pop", v(5))
    for scope in ("pop", "all", "Pop "):
        assert await stage.state(scope) == State(v(4), v(4), "mine")
