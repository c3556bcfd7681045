"""One run for many callers: joined by those it satisfies, or shared by those who asked before it.

Facts of docs/protocol.md, rules 5 and 20.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shared.cache.single_flight import Flight, NextRun, SingleFlight
from shared.errors import DatabaseUnavailable
from shared.repository.versions import Version
from shared.runtime import Background
from tests.unit.cache.virtual_time import now, seconds_of, virtual, virtual_runtime

type Load = Callable[[Flight], Awaitable[int]]


class Sql:
    """Loads take a second; what each reads is the number at its begin."""

    def __init__(self) -> None:
        self.number = 1
        self.loads = 0
        self.fault: Exception | None = None
        self.early = False

    async def load(self, flight: Flight) -> int:
        self.loads += 1
        number, began, fault = self.number, now(), self.fault
        await asyncio.sleep(0.1)
        if fault is not None and self.early:
            raise fault
        flight.set_version(Version("here", number), began)
        await asyncio.sleep(0.9)
        if fault is not None:
            raise fault
        return number


def at_least(number: int) -> Callable[[Version], bool]:
    return lambda version: version.number >= number


async def would_fail_too(error: Exception, _: float) -> None:
    raise error


async def would_succeed(_: Exception, __: float) -> None:
    """Another load may be tried."""


def flights(
    check: Callable[[Exception, float], Awaitable[None]] = would_fail_too,
) -> SingleFlight[str, int]:
    return SingleFlight(virtual_runtime(), check)


@virtual
async def test_callers_whom_its_version_satisfies_share_a_load() -> None:
    sql, single = Sql(), flights()
    joined = [single.join("Pop", at_least(1), sql.load) for _ in range(50)]
    answers = await asyncio.gather(*joined)
    assert sql.loads == 1
    assert {number for number, _ in answers} == {1}
    assert [collapsed for _, collapsed in answers].count(False) == 1


@virtual
async def test_a_caller_who_needs_more_than_it_reads_does_not_join() -> None:
    """Its rows are older than the write that this caller requires."""
    sql, single = Sql(), flights()
    first = asyncio.create_task(single.join("Pop", at_least(1), sql.load))
    await asyncio.sleep(0.05)
    sql.number = 2
    assert await single.join("Pop", at_least(2), sql.load) == (2, False)
    assert await first == (1, False)


@virtual
async def test_those_who_leave_a_load_share_one_successor() -> None:
    sql, single = Sql(), flights()
    first = asyncio.create_task(single.join("Pop", at_least(1), sql.load))
    await asyncio.sleep(0.05)
    sql.number = 2
    leavers = [single.join("Pop", at_least(2), sql.load) for _ in range(50)]
    answers = await asyncio.gather(*leavers)
    assert sql.loads == 2
    assert {number for number, _ in answers} == {2}
    await first


@virtual
async def test_a_load_that_began_after_the_question_satisfies_whatever_its_number() -> None:
    """After a rollback the greater number is never read again."""
    sql, single = Sql(), flights()
    first = asyncio.create_task(single.join("Pop", at_least(1), sql.load))
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(single.join("Pop", at_least(9), sql.load)) for _ in range(9)]
    await first
    assert {(await task)[0] for task in waiting} == {1}
    assert sql.loads == 2


@virtual
async def test_a_load_that_did_not_query_sql_satisfies_by_its_version_alone() -> None:
    """It found another instance's list in Redis, which may be older than every question."""

    async def from_redis(flight: Flight) -> int:
        await asyncio.sleep(0.5)
        flight.set_version(Version("here", 1))
        await asyncio.sleep(0.5)
        return 1

    sql, single = Sql(), flights()
    sql.number = 2
    first = asyncio.create_task(single.join("Pop", at_least(1), from_redis))
    await asyncio.sleep(0.1)
    assert await single.join("Pop", at_least(2), sql.load) == (2, False)
    assert await first == (1, False)


@virtual
async def test_a_failure_before_the_version_fails_all_who_wait_for_it() -> None:
    sql, single = Sql(), flights()
    sql.fault, sql.early = ConnectionError(), True
    joined = [single.join("Pop", at_least(1), sql.load) for _ in range(20)]
    answers = await asyncio.gather(*joined, return_exceptions=True)
    assert {type(answer) for answer in answers} == {ConnectionError}
    assert sql.loads == 1


@virtual
async def test_a_failure_after_the_version_fails_all_who_joined() -> None:
    sql, single = Sql(), flights()
    sql.fault = ConnectionError()
    joined = [single.join("Pop", at_least(1), sql.load) for _ in range(20)]
    answers = await asyncio.gather(*joined, return_exceptions=True)
    assert {type(answer) for answer in answers} == {ConnectionError}
    assert sql.loads == 1


@virtual
async def test_after_a_failure_the_next_caller_loads_again() -> None:
    sql, single = Sql(), flights()
    sql.fault = ConnectionError()
    with pytest.raises(ConnectionError):
        await single.join("Pop", at_least(1), sql.load)
    sql.fault = None
    assert await single.join("Pop", at_least(1), sql.load) == (1, False)


@virtual
async def test_those_who_joined_a_load_that_failed_share_another_if_it_would_succeed() -> None:
    for early in (True, False):
        sql, single = Sql(), flights(would_succeed)
        sql.fault, sql.early = ConnectionError(), early
        starter = asyncio.create_task(single.join("Pop", at_least(1), sql.load))
        await asyncio.sleep(0.01)
        sql.fault = None
        joined = [single.join("Pop", at_least(1), sql.load) for _ in range(20)]
        answers = await asyncio.gather(*joined)
        assert {number for number, _ in answers} == {1}
        assert sql.loads == 2
        with pytest.raises(ConnectionError):
            await starter


@virtual
async def test_a_load_is_tried_again_once_for_each_who_joined() -> None:
    sql, single = Sql(), flights(would_succeed)
    sql.fault = ConnectionError()
    joined = [single.join("Pop", at_least(1), sql.load) for _ in range(20)]
    answers = await asyncio.gather(*joined, return_exceptions=True)
    assert {type(answer) for answer in answers} == {ConnectionError}
    assert sql.loads == 2


@virtual
async def test_the_caller_who_started_a_load_may_leave_it() -> None:
    sql, single = Sql(), flights()
    starter = asyncio.create_task(single.join("Pop", at_least(1), sql.load))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(single.join("Pop", at_least(1), sql.load)) for _ in range(3)]
    await asyncio.sleep(0.5)
    starter.cancel()
    others[0].cancel()
    assert await others[1] == (1, True)
    assert await others[2] == (1, True)
    assert sql.loads == 1


@virtual
async def test_a_load_that_everybody_left_fails_in_silence() -> None:
    sql, single = Sql(), flights()
    sql.fault = ConnectionError()
    starter = asyncio.create_task(single.join("Pop", at_least(1), sql.load))
    await asyncio.sleep(0.01)
    starter.cancel()
    await asyncio.sleep(2)
    assert await seconds_of(asyncio.gather(starter, return_exceptions=True)) < 0.001


@virtual
async def test_loads_of_different_keys_run_side_by_side() -> None:
    sql, single = Sql(), flights()
    both = asyncio.gather(*(single.join(key, at_least(1), sql.load) for key in ("Pop", "all")))
    assert await seconds_of(both) < 1.001


@virtual
async def test_a_background_load_is_started_once_and_joined() -> None:
    sql, single = Sql(), flights()
    for _ in range(5):
        single.start("Pop", sql.load)
    assert await single.join("Pop", at_least(1), sql.load) == (1, True)
    assert sql.loads == 1


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
async def test_a_hundred_callers_share_two_runs_at_most() -> None:
    query = Query()
    runs = NextRun(query, virtual_runtime())
    await asyncio.gather(*(runs.ask("Pop") for _ in range(100)))
    assert len(query.issued) <= 2


@virtual
async def test_no_caller_gets_the_result_of_a_run_that_began_before_it_asked() -> None:
    query = Query()
    runs = NextRun(query, virtual_runtime())

    async def ask(after: float) -> None:
        await asyncio.sleep(after)
        asked = now()
        assert await runs.ask("Pop") > asked

    await asyncio.gather(*(ask(number / 50) for number in range(100)))
    assert len(query.issued) <= 6


@virtual
async def test_keys_do_not_wait_for_each_other() -> None:
    query = Query()
    runs = NextRun(query, virtual_runtime())
    both = asyncio.gather(runs.ask("Pop"), runs.ask("all"))
    assert await seconds_of(both) < 0.51


@virtual
async def test_after_a_failure_the_next_caller_starts_a_new_run() -> None:
    query = Query()
    query.fails = True
    runs = NextRun(query, virtual_runtime())
    with pytest.raises(ConnectionError):
        await runs.ask("Pop")
    query.fails = False
    assert await runs.ask("Pop") == query.issued[-1]


@virtual
async def test_a_caller_that_is_cancelled_does_not_cancel_the_run() -> None:
    runs = NextRun(Query(), virtual_runtime())
    leaves, stays = (asyncio.create_task(runs.ask("Pop")) for _ in range(2))
    await asyncio.sleep(0.1)
    leaves.cancel()
    assert await stays < 0.1


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
async def test_a_request_does_not_wait_for_its_run() -> None:
    reads, background = Reads(), Background()
    began = now()
    NextRun(reads, virtual_runtime(background=background)).request("Pop")
    assert now() - began < 0.001
    await background.drain()
    assert [scope for scope, _ in reads.began] == ["Pop"]


@virtual
async def test_many_requests_at_once_cost_two_runs() -> None:
    reads, background = Reads(), Background()
    runs = NextRun(reads, virtual_runtime(background=background))
    for _ in range(90):
        runs.request("Pop")
        await asyncio.sleep(0.01)
    last = now()
    await background.drain()
    assert len(reads.began) == 2
    assert reads.began[-1][1] > last - 0.02


@virtual
async def test_every_request_is_followed_by_a_run_that_begins_after_it() -> None:
    reads, background = Reads(), Background()
    runs = NextRun(reads, virtual_runtime(background=background))
    for pause in (0.0, 0.5, 0.6, 1.7, 0.1):
        await asyncio.sleep(pause)
        runs.request("Pop")
    last = now()
    await background.drain()
    assert reads.began[-1][1] >= last


@virtual
async def test_requests_of_different_keys_run_at_the_same_time() -> None:
    reads, background = Reads(), Background()
    runs = NextRun(reads, virtual_runtime(background=background))
    for scope in ("Pop", "all", "Rap"):
        runs.request(scope)
    assert await seconds_of(background.drain()) < 1.1
    assert {scope for scope, _ in reads.began} == {"Pop", "all", "Rap"}


@virtual
async def test_a_run_that_fails_does_not_end_later_ones() -> None:
    reads, background = Reads(), Background()
    runs = NextRun(reads, virtual_runtime(background=background))
    reads.fault = DatabaseUnavailable()
    runs.request("Pop")
    await background.drain()
    reads.fault = None
    runs.request("Pop")
    await background.drain()
    assert len(reads.began) == 2


@virtual
async def test_a_run_that_raises_an_unexpected_error_does_not_end_later_ones() -> None:
    reads, background = Reads(), Background()
    runs = NextRun(reads, virtual_runtime(background=background))
    reads.fault = ZeroDivisionError()
    runs.request("Pop")
    await background.drain()
    runs.request("Pop")
    await background.drain()
    assert len(reads.began) == 2
