"""The lease: what is polled when, which reads it serves, and how long a read waits for a poll.

Facts of docs/protocol.md, rules 4 to 8.
"""

import asyncio
from collections.abc import Mapping

import pytest

from shared.cache.lease import POLL_TIMEOUT, PROBE_PAUSE, PROBE_TIMEOUT, Leases
from shared.errors import DatabaseUnavailable
from shared.repository.versions import Version, Versions
from tests.unit.cache.virtual_time import now, seconds_of, virtual, virtual_runtime
from tests.unit.captured_log import captured_log

LEASE_SECONDS = 2.0


class Sql:
    """Answers each poll with the numbers of the moment at which it arrived, `seconds` later."""

    def __init__(self, seconds: float = 0.01) -> None:
        self.seconds = seconds
        self.epoch = "here"
        self.numbers: Mapping[str, int] = {"all": 1, "Pop": 1}
        self.began: list[float] = []
        self.unavailable = False

    async def versions(self) -> Versions:
        self.began.append(now())
        numbers = dict(self.numbers)
        await asyncio.sleep(self.seconds)
        if self.unavailable:
            raise DatabaseUnavailable
        return Versions(self.epoch, numbers)


def leased(sql: Sql) -> Leases:
    return Leases(sql.versions, seconds=LEASE_SECONDS, runtime=virtual_runtime())


@virtual
async def test_a_hundred_first_readers_share_one_poll() -> None:
    sql = Sql()
    leases = leased(sql)
    await asyncio.gather(*(leases.valid_for(now()) for _ in range(100)))
    assert len(sql.began) == 1


@virtual
async def test_a_lease_serves_without_another_poll() -> None:
    sql = Sql()
    leases = leased(sql)
    lease = await leases.valid_for(now())
    await asyncio.sleep(LEASE_SECONDS * 0.4)
    assert await leases.valid_for(now()) is lease
    await asyncio.sleep(0.1)
    assert len(sql.began) == 1


@virtual
async def test_a_clock_that_stood_still_makes_the_lease_longer_by_that_time_alone() -> None:
    """A hypervisor may pause a machine together with every clock that it can read."""
    sql, stood_still = Sql(), 0.0
    runtime = virtual_runtime(clock=lambda: now() - stood_still)
    leases = Leases(sql.versions, seconds=LEASE_SECONDS, runtime=runtime)
    lease = await leases.valid_for(runtime.clock())
    sql.numbers = {"all": 2, "Pop": 2}
    stood_still = 60.0
    await asyncio.sleep(stood_still)
    assert await leases.valid_for(runtime.clock()) is lease
    await asyncio.sleep(LEASE_SECONDS)
    assert (await leases.valid_for(runtime.clock())).version_of("Pop") == Version("here", 2)


@virtual
async def test_a_poll_that_began_at_the_very_moment_began_not_after_it() -> None:
    """Rule 7: a connection made at that moment may have lost a push that the poll did not see."""
    leases = leased(Sql())
    lease = await leases.after(now())
    assert (await leases.after(lease.began)).began > lease.began


@virtual
async def test_a_lease_has_the_epoch_that_its_poll_read() -> None:
    """Rule 4: SQL was replaced by another database, whose numbers say nothing about the last."""
    sql = Sql()
    leases = leased(sql)
    await leases.after(now())
    sql.epoch = "there"
    assert (await leases.after(now())).version_of("Pop") == Version("there", 1)


@virtual
async def test_from_half_its_life_on_a_lease_is_renewed_in_the_background() -> None:
    sql = Sql(seconds=0.5)
    leases = leased(sql)
    lease = await leases.valid_for(now())
    await asyncio.sleep(LEASE_SECONDS * 0.5)
    assert await seconds_of(leases.valid_for(now())) < 0.001
    await asyncio.sleep(0.6)
    assert len(sql.began) == 2
    assert (await leases.valid_for(now())).began > lease.began


@virtual
async def test_a_lease_counts_from_its_polls_begin() -> None:
    """What was written while the answer travelled is not in it."""
    sql = Sql(seconds=1.5)
    leases = leased(sql)
    lease = await leases.valid_for(now())
    await asyncio.sleep(LEASE_SECONDS - 1.5 + 0.1)
    assert (await leases.valid_for(now())).began > lease.began


@virtual
async def test_a_lease_never_serves_a_read_that_began_more_than_its_seconds_later() -> None:
    sql = Sql(seconds=0.3)
    leases = leased(sql)
    for pause in (0.1, 0.9, 1.5, 1.99, 2.01, 3.0, 0.2):
        await asyncio.sleep(pause)
        began = now()
        assert (await leases.valid_for(began)).began >= began - LEASE_SECONDS


@virtual
async def test_a_poll_that_began_before_is_not_joined() -> None:
    sql = Sql(seconds=1.0)
    leases = leased(sql)
    first = asyncio.create_task(leases.after(now()))
    await asyncio.sleep(0.5)
    sql.numbers = {"all": 2, "Pop": 2}
    moment = now()
    lease = await leases.after(moment)
    assert lease.began > moment
    assert lease.versions.numbers["Pop"] == 2
    assert (await first).versions.numbers["Pop"] == 1


@virtual
async def test_all_who_come_during_a_poll_share_the_next_one() -> None:
    sql = Sql(seconds=1.0)
    leases = leased(sql)
    waiting = [asyncio.create_task(leases.after(now()))]
    for _ in range(50):
        await asyncio.sleep(0.01)
        waiting.append(asyncio.create_task(leases.after(now())))
    await asyncio.gather(*waiting)
    assert len(sql.began) == 2


@virtual
async def test_the_latest_poll_replaces_the_lease_even_by_smaller_versions() -> None:
    """Their maximum would hide that SQL went back."""
    sql = Sql()
    sql.numbers = {"all": 9, "Pop": 9}
    leases = leased(sql)
    await leases.after(now())
    sql.numbers = {"all": 3, "Pop": 3}
    assert (await leases.after(now())).versions.numbers["Pop"] == 3


@virtual
async def test_silent_sql_holds_up_a_reader_no_longer_than_promised() -> None:
    sql = Sql()
    leases = leased(sql)
    await leases.after(now())
    sql.seconds = 1000
    await asyncio.sleep(LEASE_SECONDS + 1)
    assert await seconds_of(leases.valid_for(now())) <= POLL_TIMEOUT + 0.001
    assert await seconds_of(leases.valid_for(now())) < 0.001
    await asyncio.sleep(PROBE_PAUSE + 0.1)
    assert await seconds_of(leases.valid_for(now())) <= PROBE_TIMEOUT + 0.001


@virtual
async def test_refused_sql_is_an_answer_at_once() -> None:
    sql = Sql(seconds=0.001)
    sql.unavailable = True
    leases = leased(sql)
    with pytest.raises(DatabaseUnavailable):
        await leases.after(now())
    for _ in range(20):
        assert await seconds_of(leases.after(now())) < 0.001
        await asyncio.sleep(0.03)


@virtual
async def test_a_failed_poll_leaves_the_lease_as_it_was() -> None:
    sql = Sql()
    leases = leased(sql)
    lease = await leases.after(now())
    sql.unavailable = True
    with pytest.raises(DatabaseUnavailable):
        await leases.after(now())
    assert leases.last is lease


@virtual
async def test_readers_find_sql_again_soon_after_it_is_back() -> None:
    sql = Sql()
    sql.unavailable = True
    leases = leased(sql)
    with pytest.raises(DatabaseUnavailable):
        await leases.after(now())
    sql.unavailable = False
    back = now()
    while True:
        await asyncio.sleep(0.05)
        try:
            await leases.after(now())
        except DatabaseUnavailable:
            continue
        break
    assert now() - back < 0.2


class Secretive(Sql):
    """Fails as a driver does, whose texts may quote the connection string."""

    async def versions(self) -> Versions:
        if self.unavailable:
            raise DatabaseUnavailable from OperationalError("08001", "PWD=secret")
        return await super().versions()


class OperationalError(Exception):
    """As drivers name it."""


@virtual
async def test_an_outage_of_sql_and_its_end_are_logged_once_without_the_drivers_text() -> None:
    sql = Secretive()
    leases = leased(sql)
    with captured_log("shared.cache.lease") as lines:
        for sql.unavailable in (True, True, False, False):
            await seconds_of(leases.after(now()))
            await asyncio.sleep(PROBE_PAUSE + 0.1)
    assert lines == [
        (
            "SQL is unavailable: The database cannot be reached. "
            "(DatabaseUnavailable, OperationalError 08001)"
        ),
        "SQL is available again",
    ]


class NotSetUp(Sql):
    async def versions(self) -> Versions:
        raise DatabaseUnavailable("Not set up.")


@virtual
async def test_every_read_fails_with_the_reason_though_only_the_first_one_polled() -> None:
    leases = leased(NotSetUp())
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable, match=r"Not set up\."):
            await leases.valid_for(now())


@virtual
async def test_a_poll_that_dies_of_a_fault_of_ours_leaves_nobody_waiting() -> None:
    sql = Sql()
    leases = leased(sql)
    lease = await leases.after(now())
    sql.numbers = None  # type: ignore[assignment]  # whatever it is that the code did not expect
    with pytest.raises(DatabaseUnavailable):
        await leases.after(now())
    sql.numbers = {"all": 2}
    assert (await leases.after(now())).versions.numbers == {"all": 2}
    assert lease.versions.numbers["all"] == 1


@virtual
async def test_a_reader_who_leaves_does_not_end_the_poll_of_others() -> None:
    sql = Sql(seconds=1.0)
    leases = leased(sql)
    first = asyncio.create_task(leases.valid_for(now()))
    second = asyncio.create_task(leases.valid_for(now()))
    await asyncio.sleep(0.5)
    first.cancel()
    assert (await second).versions.numbers["Pop"] == 1
    assert len(sql.began) == 1


@virtual
async def test_genres_are_found_by_every_spelling_and_all_is_none() -> None:
    sql = Sql()
    leases = leased(sql)
    sql.numbers = {"all": 1, "Children’s Music": 1}
    lease = await leases.after(now())
    for spelling in ("children's music", "Children’s Music", " CHILDREN'S MUSIC "):
        assert lease.scope_of(spelling) == "Children’s Music"
    assert lease.scope_of("all") is lease.scope_of("Ska") is None
    sql.numbers = {"all": 1, "Children’s Music": 1, "Ska": 1}
    assert (await leases.after(now())).scope_of("ska") == "Ska"
