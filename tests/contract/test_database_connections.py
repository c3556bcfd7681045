"""Connections to SQL Server that break: what did not commit runs again on a new one."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from shared.errors import OutcomeUnknown
from shared.repository import bulk_load_azure_sql
from shared.repository.azure_sql import azure_engine
from shared.repository.bulk_load import bulk_load
from shared.repository.bulk_load_azure_sql import AzureLoad
from shared.repository.load_target import LoadRefused, Target
from shared.repository.tables import cache_version, features_staging
from shared.tracks.genres import ALL
from tests.contract.database_steps import as_staged, connections_in_use, track, track_ids
from tests.faults.tcp_proxy import Proxy
from tests.services.databases import MakeDatabase
from tests.services.tsql import VARIABLE

pytestmark = pytest.mark.tsql
_SERVER = re.compile(r"(?i)(?<=server=)[^;]*,(\d+)")


class Network(Proxy):
    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@pytest.fixture
async def network(tsql_engine: sa.Engine) -> AsyncIterator[Network]:
    """A proxy between the server and `remote`; the database is empty."""
    del tsql_engine
    port = _SERVER.search(os.environ[VARIABLE])
    assert port, f"{VARIABLE} needs Server=localhost,port"
    async with Network(int(port[1])) as proxy:
        yield proxy


@pytest.fixture
def remote(network: Network) -> Iterator[sa.Engine]:
    odbc = _SERVER.sub(f"127.0.0.1,{network.port}", os.environ[VARIABLE])
    engine = azure_engine(odbc, 4)
    yield engine
    engine.dispose()


@contextmanager
def held(engine: sa.Engine) -> Iterator[None]:
    """Another transaction holds the locks that every write needs."""
    with engine.connect() as connection:
        connection.execute(sa.update(cache_version).values(version=cache_version.c.version))
        yield


async def test_connections_that_broke_while_idle_are_replaced(
    network: Network, remote: sa.Engine, database_on: MakeDatabase
) -> None:
    database = database_on(remote)
    await asyncio.gather(*(database.insert(track(number)) for number in range(3)))
    network.cut()
    await asyncio.gather(*(database.insert(track(number)) for number in range(3, 6)))
    assert len(await track_ids(database, ALL)) == 6


async def test_a_list_is_read_though_every_connection_broke_a_moment_ago(
    network: Network, remote: sa.Engine, database_on: MakeDatabase
) -> None:
    database = database_on(remote)
    await asyncio.gather(*(database.insert(track(number)) for number in range(3)))
    assert len(await track_ids(database, ALL)) == 3
    network.cut()
    assert len(await track_ids(database, ALL)) == 3


async def test_a_post_sends_seven_requests(
    network: Network, remote: sa.Engine, database_on: MakeDatabase
) -> None:
    """Three statements, which the driver prepares and discards (sp_unprepare), and the commit."""
    database = database_on(remote)
    await database.insert(track(1))
    network.requests = 0
    await database.insert(track(2))
    assert network.requests == 7


async def test_a_write_whose_connection_breaks_before_its_commit_is_repeated_once(
    network: Network, remote: sa.Engine, tsql_engine: sa.Engine, database_on: MakeDatabase
) -> None:
    database = database_on(remote)
    await database.insert(track(1))
    with held(tsql_engine):
        write = asyncio.create_task(database.insert(track(2)))
        done, _ = await asyncio.wait([write], timeout=0.3)
        assert not done
        network.cut()
    await write
    assert await track_ids(database, ALL) == [track(n).track_id for n in (1, 2)]
    assert connections_in_use(remote) == 0


async def test_a_load_whose_session_ends_in_its_merge_stores_nothing_and_may_be_run_again(
    tsql_engine: sa.Engine, database_on: MakeDatabase
) -> None:
    own, database = azure_engine(os.environ[VARIABLE], 1), database_on(tsql_engine)
    target = _load_of_two(own)
    session = _session(target)
    with held(tsql_engine):
        merge = asyncio.create_task(asyncio.to_thread(target.merge))
        done, _ = await asyncio.wait([merge], timeout=0.3)
        assert not done
        _end(tsql_engine, session)
        with pytest.raises(OutcomeUnknown, match="all of it is stored, or nothing"):
            await merge
    target.abandon()
    own.dispose()
    assert await track_ids(database, ALL) == []
    assert _staged(tsql_engine) == 0
    assert _load_of_two(tsql_engine).merge().inserted == 2


@pytest.mark.parametrize("said", ["PRINT N'one'", "PRINT N'one'; PRINT N'two'"])
def test_what_the_server_says_besides_is_no_result_of_a_load(
    tsql_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """A warning comes as a result without rows, as what PRINT says does."""
    load = bulk_load_azure_sql._LOAD
    monkeypatch.setattr(bulk_load_azure_sql, "_LOAD", f"{said}; {load}; {said}")
    merged = _load_of_two(tsql_engine).merge()
    assert merged.inserted == 2
    assert set(merged.versions) == {"Dance", ALL}


def test_a_load_whose_staged_rows_are_missing_is_refused(tsql_engine: sa.Engine) -> None:
    target = _load_of_two(tsql_engine)
    with tsql_engine.begin() as connection:
        connection.execute(sa.delete(features_staging).where(features_staging.c.line == 3))
    with pytest.raises(LoadRefused, match=r"^The run staged 1 rows, not 2\.$"):
        target.merge()
    target.abandon()
    assert _staged(tsql_engine) == 0


def _load_of_two(engine: sa.Engine) -> Target:
    """A load of two records, before its merge."""
    target = bulk_load(engine, 100, f"cli-{uuid4().hex}")
    target.stage(as_staged((2, track(1)), (3, track(2))))
    return target


def _session(target: Target) -> int:
    """The number of the session that a load has."""
    assert isinstance(target, AzureLoad)
    with target._driver() as driver:
        return int(driver.execute("SELECT @@SPID").fetchval())


def _end(engine: sa.Engine, session: int) -> None:
    """End a session, outside of a transaction: KILL is not allowed in one."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.autocommit = True
        driver.execute(f"KILL {session}")
        driver.autocommit = False


def _staged(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(features_staging)) or 0
