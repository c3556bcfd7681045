"""Redis and the simulation's store give the same answers to the same long random histories."""

import os
import random
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from shared.cache.store import Store
from shared.repository.versions import Version
from tests.contract.store.stages import MemoryStage, RedisStage, Stage

SCOPES: Final = ("Pop", "all")
OWNERS: Final = ("", "mine", "theirs")
FIELDS: Final = ("core", "full")
HISTORIES: Final = int(os.environ.get("TEST_STORE_HISTORIES", "10"))
STEPS: Final = 120

type Step = Callable[[Store], Awaitable[object]]


def version(rng: random.Random) -> Version:
    """Few numbers and few epochs, so that they meet."""
    return Version(rng.choice(("here", "here", "here", "elsewhere")), rng.randrange(1, 8))


def advance(rng: random.Random, scope: str) -> Step:
    new, owner = version(rng), rng.choice(OWNERS)
    lost = rng.choice((None, None, new.number + rng.randrange(-1, 4)))
    return lambda store: store.advance(scope, new, owner=owner, lost=lost)


def put(rng: random.Random, scope: str) -> Step:
    new, renew = version(rng), rng.random() < 0.2
    fields = {name: rng.randbytes(3) for name in rng.sample(FIELDS, rng.randrange(1, 3))}
    return lambda store: store.put(scope, new, fields, ttl=600, renew=renew)


def take(rng: random.Random, scope: str) -> Step:
    owner = rng.choice(OWNERS[1:])
    return lambda store: store.lock(scope, owner, 60)


def free(rng: random.Random, scope: str) -> Step:
    owner = rng.choice(OWNERS[1:])
    return lambda store: store.unlock(scope, owner)


def discard(_: random.Random, scope: str) -> Step:
    return lambda store: store.discard(scope)


STEPS_BY_WEIGHT: Final = [advance] * 6 + [put] * 6 + [take] * 3 + [free, discard]


def step(rng: random.Random) -> Step:
    return rng.choice(STEPS_BY_WEIGHT)(rng, rng.choice(SCOPES))


async def observed(stage: Stage) -> list[object]:
    """All that a reader and a look at the keys can tell."""
    seen: list[object] = []
    for scope in SCOPES:
        copy = await stage.store.fetch(scope, FIELDS)
        seen.append(copy and (copy.version, copy.fields, 500 < copy.remaining <= 600))
        seen.append((await stage.store.known_version(scope)).version)
        seen.append(await stage.state(scope))
    return seen


@pytest.mark.parametrize("seed", range(HISTORIES))
async def test_both_stores_tell_the_same_history(redis_stage: RedisStage, seed: int) -> None:
    rng, model = random.Random(seed), MemoryStage()  # noqa: S311 -- a history, no secret
    for number in range(STEPS):
        do = step(rng)
        answers = await do(redis_stage.store), await do(model.store)
        assert answers[0] == answers[1], f"answer {number} of seed {seed}"
        if number % 10 == 9:
            assert await observed(redis_stage) == await observed(model), f"step {number}"
