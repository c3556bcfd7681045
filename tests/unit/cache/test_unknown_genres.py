"""Unknown genres: found as soon as they exist, and no way to load SQL.

Facts of docs/protocol.md, rule 28.
"""

import asyncio

from shared.cache.lease import Leases
from shared.cache.unknown_genres import LOOKUPS_PER_SECOND, UnknownGenres
from shared.errors import DatabaseUnavailable
from shared.repository.versions import Versions
from tests.unit.cache.virtual_time import now, seconds_of, virtual, virtual_runtime


class Sql:
    def __init__(self) -> None:
        self.polls: list[float] = []
        self.unavailable = False

    async def versions(self) -> Versions:
        self.polls.append(now())
        await asyncio.sleep(0.005)
        if self.unavailable:
            raise DatabaseUnavailable
        return Versions("here", {"all": 1})


def unknown_in(sql: Sql) -> UnknownGenres:
    leases = Leases(sql.versions, seconds=2.0, runtime=virtual_runtime())
    return UnknownGenres(leases, now)


async def asked_every_millisecond(unknown: UnknownGenres, seconds: float) -> None:
    asking = []
    for _ in range(round(seconds * 1000)):
        asking.append(asyncio.create_task(unknown.lease(now())))
        await asyncio.sleep(0.001)
    await asyncio.gather(*asking, return_exceptions=True)


@virtual
async def test_the_first_lookup_waits_for_nothing_but_sql() -> None:
    assert await seconds_of(unknown_in(Sql()).lease(now())) < 0.01


@virtual
async def test_an_answer_is_from_after_the_question() -> None:
    unknown = unknown_in(Sql())
    for pause in (0.0, 0.01, 0.003, 0.2):
        await asyncio.sleep(pause)
        began = now()
        assert (await unknown.lease(began)).began > began


@virtual
async def test_made_up_genres_cost_sql_ten_polls_a_second() -> None:
    sql = Sql()
    await asked_every_millisecond(unknown_in(sql), 2.0)
    assert len(sql.polls) <= 2 * LOOKUPS_PER_SECOND + 2


@virtual
async def test_no_more_polls_while_sql_is_unavailable() -> None:
    sql = Sql()
    sql.unavailable = True
    await asked_every_millisecond(unknown_in(sql), 2.0)
    assert len(sql.polls) <= 2 * LOOKUPS_PER_SECOND + 2


@virtual
async def test_nobody_waits_longer_than_one_turn() -> None:
    unknown = unknown_in(Sql())
    for _ in range(20):
        assert await seconds_of(unknown.lease(now())) < 1 / LOOKUPS_PER_SECOND + 0.02
        await asyncio.sleep(0.001)
