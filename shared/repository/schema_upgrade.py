"""Runs the migrations, the same for SQLite and SQL Server, from any working directory."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script.revision import ResolutionError
from alembic.util.exc import CommandError

from shared.errors import DatabaseUnavailable
from shared.repository.azure_sql import take_lock
from shared.repository.sqlite import IMMEDIATE
from shared.repository.tables import SCHEMA, cache_epoch

SCRIPTS: Final = "shared.repository:migrations"
"""The folder of the migrations, in Alembic's notation for packages."""

LOCK_SECONDS: Final = 600
"""How long a process waits for another one that migrates."""

_BEGIN: Final = "CREATE TABLE #migrating (held int)"
_TIMED_OUT: Final = -1
"""What take_lock returns; each negative number is a failure."""

_NEWER: Final = "The database's revision is unknown to this release: a newer one has migrated it."
_LOST: Final = (
    "The database has tables, but alembic_version, which says of which revision they are, is "
    "missing or empty. Restore it, or begin with an empty database."
)


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Run the migrations that the database lacks, in one transaction; other processes wait.

    Raises DatabaseUnavailable when another process migrates for longer than LOCK_SECONDS, and when
    this release does not know the database's revision.
    """
    with engine.execution_options(**IMMEDIATE).begin() as connection:
        if connection.dialect.name == "mssql":
            _prepare(connection)
        _check_revision(connection)
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            if isinstance(error.__cause__, ResolutionError):
                raise DatabaseUnavailable(_NEWER) from error
            raise


def version_schema(connection: sa.Connection) -> str | None:
    """The schema of Alembic's own table; None on SQLite, which has no schemas."""
    return SCHEMA if connection.dialect.name == "mssql" else None


def _check_revision(connection: sa.Connection) -> None:
    """Refuse tables of which no revision is known: the first migration would fail at them."""
    schema = version_schema(connection)
    context = MigrationContext.configure(connection, opts={"version_table_schema": schema})
    has_tables = sa.inspect(connection).has_table(cache_epoch.name, schema)
    if has_tables and not context.get_current_heads():
        raise DatabaseUnavailable(_LOST)


def _prepare(connection: sa.Connection) -> None:
    """Lock out other processes that migrate, and create the schema for the first table."""
    driver: Any = connection.connection.driver_connection
    connection.detach()  # no request gets this connection, on which statements take any time
    driver.timeout = 0
    _lock(connection)
    exists = connection.exec_driver_sql(f"SELECT SCHEMA_ID('{SCHEMA}')").scalar()
    if exists is None:
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")


def _lock(connection: sa.Connection) -> None:
    """Lock out other processes that migrate, until the transaction ends.

    Outside of a transaction the lock is not granted (sp_getapplock returns -999). In ODBC's manual
    commit mode a CREATE begins a transaction, a procedure call does not (Microsoft Learn: SET
    IMPLICIT_TRANSACTIONS).
    """
    connection.exec_driver_sql(_BEGIN)
    granted = _take(connection)
    if granted == _TIMED_OUT:
        raise DatabaseUnavailable(
            f"Another migration has not ended for {LOCK_SECONDS // 60} minutes: try again later."
        )
    if granted < 0:
        raise DatabaseUnavailable(f"The migrations got no lock: sp_getapplock returned {granted}.")


def _take(connection: sa.Connection) -> int:
    driver: Any = connection.connection.dbapi_connection
    try:
        return take_lock(driver, "spotify.migrate", "Transaction", LOCK_SECONDS)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DatabaseUnavailable from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return config
