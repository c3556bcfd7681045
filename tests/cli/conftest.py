"""The CLI as an operator runs it: in a process and folder of its own, with few variables set."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.repository.sqlite import sqlite_engine
from tests.services.cli_runner import run_cli
from tests.services.redis import RedisFactory, RedisServer

ROOT = Path(__file__).parents[2]

type Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(sqlite_file: Path) -> Mapping[str, str]:
    """The environment of the process: an empty, migrated database of this test."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SQLITE_PATH": str(sqlite_file),
        # The process ends with its connection to Redis open: the app never closes one.
        "PYTHONWARNINGS": "error,ignore::ResourceWarning",
    }


@pytest.fixture
def cli(tmp_path: Path, environment: Mapping[str, str]) -> Cli:
    """`cli("load", "file.csv", REDIS_URL="...")`; fails if it prints a traceback."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        ended = run_cli(arguments, cwd=tmp_path, env={**environment, **variables})
        assert "Traceback" not in ended.stderr
        return ended

    return run


@pytest.fixture
def loaded(sqlite_file: Path, loaded_file: Path) -> None:
    """The test's database holds the sample."""
    shutil.copy(loaded_file, sqlite_file)


@pytest.fixture
def server(redis_server: RedisFactory) -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def embedded(sqlite_file: Path) -> Iterator[sa.Engine]:
    engine = sqlite_engine(sqlite_file, 1)
    yield engine
    engine.dispose()
