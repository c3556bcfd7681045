"""A database on a T-SQL server, named by TEST_SQL_CONNECTION_STRING; tests delete its content.

Without it, tests marked `tsql` are skipped.
"""

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa

from shared.repository.azure_sql import azure_engine, take_lock
from shared.repository.schema_upgrade import LOCK_SECONDS, upgrade
from shared.repository.tables import SCHEMA, cache_version, metadata
from shared.tracks.genres import ALL

VARIABLE: Final = "TEST_SQL_CONNECTION_STRING"

_not_run: Final = pytest.mark.skip(
    reason=f"they need a T-SQL server, and {VARIABLE} is unset (ODBC string of an empty database)"
)
_one_database: Final = pytest.mark.xdist_group("tsql")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"tsql: needs the T-SQL server that {VARIABLE} names")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    del config
    for item in items:
        if item.get_closest_marker("tsql") is not None:
            item.add_marker(_one_database if os.environ.get(VARIABLE) else _not_run)


@pytest.fixture(scope="session")
def tsql_server() -> Iterator[sa.Engine]:
    """The migrated database, locked against other test runs."""
    engine, other = (azure_engine(os.environ[VARIABLE], size) for size in (8, 1))
    with other.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.timeout = 0
        granted = take_lock(driver, "spotify.tests", "Session", LOCK_SECONDS)
        assert granted >= 0, "another test run uses the database"
        drop_everything(engine)
        upgrade(engine)
        yield engine
    engine.dispose()
    other.dispose()


@pytest.fixture
def tsql_engine(tsql_server: sa.Engine) -> sa.Engine:
    """The database, emptied as after its first migration."""
    with tsql_server.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name == "cache_version":
                connection.execute(sa.delete(table).where(cache_version.c.scope != ALL))
            elif table.name == "features_counted":
                connection.execute(sa.update(table).values(records=0, last_id=0))
            elif table.name != "cache_epoch":
                connection.execute(sa.delete(table))
    return tsql_server


def drop_everything(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for name in sa.inspect(connection).get_table_names(schema=SCHEMA):
            connection.exec_driver_sql(f"DROP TABLE {SCHEMA}.{name}")
