"""Rebuilding after a write: beside everything, once for a burst, never from before the write."""

import asyncio

from shared.cache.rebuilds import Rebuilds
from shared.errors import DatabaseUnavailable
from shared.runtime import Background
from tests.unit.cache.virtual import now, seconds_of, virtual


class Reads:
    def __init__(self) -> None:
        self.began: list[tuple[str, float]] = []
        self.fault: Exception | None = None

    async def __call__(self, scope: str) -> None:
        self.began.append((scope, now()))
        await asyncio.sleep(1)
        if self.fault is not None:
            raise self.fault


@virtual
async def test_a_request_costs_the_writer_no_time() -> None:
    reads, background = Reads(), Background()
    began = now()
    Rebuilds(reads, background).request("Pop")
    assert now() - began < 0.001
    await background.drain()
    assert [scope for scope, _ in reads.began] == ["Pop"]


@virtual
async def test_a_burst_of_writes_costs_two_reads() -> None:
    reads, background = Reads(), Background()
    rebuilds = Rebuilds(reads, background)
    for _ in range(90):
        rebuilds.request("Pop")
        await asyncio.sleep(0.01)
    last = now()
    await background.drain()
    assert len(reads.began) == 2
    assert reads.began[-1][1] > last - 0.02


@virtual
async def test_every_request_is_followed_by_a_read_that_begins_after_it() -> None:
    reads, background = Reads(), Background()
    rebuilds = Rebuilds(reads, background)
    for pause in (0.0, 0.5, 0.6, 1.7, 0.1):
        await asyncio.sleep(pause)
        rebuilds.request("Pop")
    last = now()
    await background.drain()
    assert reads.began[-1][1] >= last


@virtual
async def test_scopes_are_rebuilt_side_by_side() -> None:
    reads, background = Reads(), Background()
    rebuilds = Rebuilds(reads, background)
    for scope in ("Pop", "all", "Rap"):
        rebuilds.request(scope)
    assert await seconds_of(background.drain()) < 1.1
    assert {scope for scope, _ in reads.began} == {"Pop", "all", "Rap"}


@virtual
async def test_sql_that_is_away_ends_a_rebuild_and_no_later_one() -> None:
    reads, background = Reads(), Background()
    rebuilds = Rebuilds(reads, background)
    reads.fault = DatabaseUnavailable()
    rebuilds.request("Pop")
    await background.drain()
    reads.fault = None
    rebuilds.request("Pop")
    await background.drain()
    assert len(reads.began) == 2


@virtual
async def test_a_defect_in_a_rebuild_does_not_end_all_later_ones() -> None:
    reads, background = Reads(), Background()
    rebuilds = Rebuilds(reads, background)
    reads.fault = ZeroDivisionError()
    rebuilds.request("Pop")
    await background.drain()
    rebuilds.request("Pop")
    await background.drain()
    assert len(reads.began) == 2
