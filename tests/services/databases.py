"""`engine` and `database`: SQLite and T-SQL, migrated and empty for each test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from shared.repository import schema_upgrade
from shared.repository.schema_upgrade import upgrade
from shared.repository.sql_database import SqlDatabase
from shared.repository.sqlite import sqlite_engine
from shared.repository.timeouts import Timeouts
from shared.runtime import ThreadWorkers
from tests.services.long_timeouts import LONG_SECONDS

LONG_TIMEOUTS = Timeouts(LONG_SECONDS, LONG_SECONDS, LONG_SECONDS, LONG_SECONDS)

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
            engine: sa.Engine, *, features_limit: int = 100_000, timeouts: Timeouts | None = None
        ) -> SqlDatabase:
            if engine.dialect.name == "sqlite":
                engines.callback(engine.dispose)
            workers = threads.enter_context(closing(ThreadWorkers(4, "sql")))
            pollers = threads.enter_context(closing(ThreadWorkers(1, "poll")))
            fillers = threads.enter_context(closing(ThreadWorkers(4, "fill")))
            return SqlDatabase(
                engine,
                workers,
                pollers,
                fillers,
                features_limit=features_limit,
                timeouts=timeouts or LONG_TIMEOUTS,
            )

        yield make


def is_migrated(engine: sa.Engine) -> bool:
    """Whether every migration has run."""
    with engine.connect() as connection:
        options = {"version_table_schema": schema_upgrade.version_schema(connection)}
        heads = MigrationContext.configure(connection, opts=options).get_current_heads()
        return set(heads) == set(ScriptDirectory.from_config(schema_upgrade._config()).get_heads())


@pytest.fixture
def database(engine: sa.Engine, database_on: MakeDatabase) -> SqlDatabase:
    return database_on(engine)
