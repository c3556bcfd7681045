"""`engine` and `database`: SQLite and T-SQL, migrated and empty for each test."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.repository.schema_upgrade import upgrade
from shared.repository.sql_database import SqlDatabase
from shared.repository.sqlite import sqlite_engine
from shared.repository.timeouts import Patience
from tests.services.long_timeouts import LONG_SECONDS

LONG_TIMEOUTS = Patience(LONG_SECONDS, LONG_SECONDS, LONG_SECONDS, LONG_SECONDS)

type MakeDatabase = Callable[..., SqlDatabase]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated database to copy, because migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "database.sqlite"
    engine = sqlite_engine(path, 1)
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_file(migrated_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated_file, tmp_path / "database.sqlite"))


@pytest.fixture(params=["sqlite", pytest.param("tsql", marks=pytest.mark.tsql)])
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """A migrated, empty database on each engine."""
    if request.param == "tsql":
        yield request.getfixturevalue("tsql_engine")
        return
    embedded = sqlite_engine(request.getfixturevalue("sqlite_file"), 8)
    yield embedded
    embedded.dispose()


@pytest.fixture
def database_on() -> Iterator[MakeDatabase]:
    """Build the port on an engine; its threads end with the test."""
    with ExitStack() as engines, ExitStack() as threads:

        def make(
            engine: sa.Engine, *, features_limit: int = 100_000, patience: Patience | None = None
        ) -> SqlDatabase:
            if engine.dialect.name == "sqlite":
                engines.callback(engine.dispose)
            workers = threads.enter_context(ThreadPoolExecutor(4))
            pollers = threads.enter_context(ThreadPoolExecutor(1))
            fillers = threads.enter_context(ThreadPoolExecutor(4))
            return SqlDatabase(
                engine,
                workers,
                pollers,
                fillers,
                features_limit=features_limit,
                patience=patience or LONG_TIMEOUTS,
            )

        yield make


@pytest.fixture
def database(engine: sa.Engine, database_on: MakeDatabase) -> SqlDatabase:
    return database_on(engine)
