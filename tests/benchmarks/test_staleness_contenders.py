"""The measurement itself, with real processes: it finds what is wrong, and nothing else."""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import redis

from benchmarks.staleness.contenders import NOBODY, Contender
from benchmarks.staleness.measure import measure
from benchmarks.staleness.phases import PHASES, hold_invalidations
from benchmarks.staleness.results import Row
from benchmarks.staleness.stage import Timing
from local.hosted import REPOSITORY
from local.process import Child
from tests.services.redis import RedisFactory
from tests.services.required_service import required_service

TIMING = Timing(0, 0, 0, silence=0, pairs=2, deaths=1, kills=1)


def measured(name: str, phase: str, database: Path) -> Row:
    def start(settings: Mapping[str, str], port: int) -> Child:
        app = f"tests.benchmarks.invented_contenders:{name}"
        options = ["--lifespan=off", "--log-level=critical", f"--port={port}"]
        return Child(
            [sys.executable, "-m", "uvicorn", app, *options],
            env={**os.environ, **settings},
            cwd=REPOSITORY,
        )

    (played,) = (one for one in PHASES if one.key == phase)
    with required_service():
        return measure(Contender(name, name, start), played, database, NOBODY, TIMING)


@pytest.fixture
def database(loaded_file: Path) -> Path:
    return loaded_file


def test_a_list_that_loses_the_race_is_stale_and_stays_so(database: Path) -> None:
    row = measured("wrong", "pairs", database)
    assert row.stale > 0
    assert row.longest > 0
    assert 1 <= row.stays <= row.rounds == 2
    assert (row.never_shown, row.lost) == (0, 0)
    assert row.expires_in is not None
    assert 3000 < row.expires_in <= 3600


def test_a_held_invalidation_never_happens_once_its_connection_has_ended(
    redis_server: RedisFactory,
) -> None:
    server = redis_server()
    with redis.Redis(port=server.port) as client:
        client.set("list", "old")
        with hold_invalidations(server):
            with socket.create_connection(("127.0.0.1", server.port)) as instance:
                instance.sendall(b"DEL list\r\n")
            assert client.get("list") == b"old"
        assert client.get("list") == b"old"
        assert client.delete("list") == 1


def test_a_record_whose_invalidation_never_comes_is_never_shown(database: Path) -> None:
    row = measured("wrong", "deaths", database)
    assert (row.never_shown, row.failed_writes) == (1, 1)


@pytest.mark.parametrize("phase", ["pairs", "deaths", "kills_after_201"])
def test_lists_that_come_from_sql_are_never_wrong(database: Path, phase: str) -> None:
    row = measured("right", phase, database)
    assert row.reads > 0
    assert row.acknowledged + row.failed_writes > 0
    assert (row.stale, row.stays, row.never_shown, row.lost) == (0, 0, 0, 0)
