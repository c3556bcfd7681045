"""One query for many askers, each of whom gets an answer from after it asked."""

import asyncio

import pytest

from shared.cache.coalescer import Coalescer
from shared.runtime import Background
from tests.unit.cache.virtual import now, seconds_of, virtual


class Query:
    """Answers the moment at which it was issued, half a second later."""

    def __init__(self) -> None:
        self.issued: list[float] = []
        self.fails = False

    async def __call__(self, key: str) -> float:
        del key
        self.issued.append(now())
        fails = self.fails
        await asyncio.sleep(0.5)
        if fails:
            raise ConnectionError
        return self.issued[-1]


@virtual
async def test_a_hundred_askers_share_two_queries_at_most() -> None:
    query = Query()
    coalescer = Coalescer(query, Background())
    await asyncio.gather(*(coalescer.ask("Pop") for _ in range(100)))
    assert len(query.issued) <= 2


@virtual
async def test_nobody_gets_an_answer_from_before_it_asked() -> None:
    query = Query()
    coalescer = Coalescer(query, Background())

    async def ask(after: float) -> None:
        await asyncio.sleep(after)
        asked = now()
        assert await coalescer.ask("Pop") > asked

    await asyncio.gather(*(ask(number / 50) for number in range(100)))
    assert len(query.issued) <= 6


@virtual
async def test_keys_do_not_wait_for_each_other() -> None:
    query = Query()
    coalescer = Coalescer(query, Background())
    both = asyncio.gather(coalescer.ask("Pop"), coalescer.ask("all"))
    assert await seconds_of(both) < 0.51


@virtual
async def test_a_failure_ends_the_wait_of_all_who_asked_by_then() -> None:
    """Who asked a moment later would otherwise wait for a second failure: twice the bound."""
    query = Query()
    query.fails = True
    coalescer = Coalescer(query, Background())

    async def ask(after: float) -> None:
        await asyncio.sleep(after)
        with pytest.raises(ConnectionError):
            await coalescer.ask("Pop")
        assert now() < 0.51

    await asyncio.gather(*(ask(after) for after in (0, 0.01, 0.4, 0.49)))
    assert len(query.issued) == 1


@virtual
async def test_after_a_failure_the_next_asker_starts_anew() -> None:
    query = Query()
    query.fails = True
    coalescer = Coalescer(query, Background())
    with pytest.raises(ConnectionError):
        await coalescer.ask("Pop")
    query.fails = False
    assert await coalescer.ask("Pop") == query.issued[-1]


@virtual
async def test_an_asker_who_leaves_takes_nobody_along() -> None:
    coalescer = Coalescer(Query(), Background())
    leaves, stays = (asyncio.create_task(coalescer.ask("Pop")) for _ in range(2))
    await asyncio.sleep(0.1)
    leaves.cancel()
    assert await stays < 0.1
