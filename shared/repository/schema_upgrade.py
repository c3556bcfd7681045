"""The migrations: the same for SQLite and SQL Server, found from any working directory."""

from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from shared.repository.sqlite import IMMEDIATE
from shared.repository.tables import SCHEMA

SCRIPTS: Final = "shared.repository:migrations"
"""A folder inside a package, in Alembic's notation."""


def upgrade(engine: sa.Engine) -> None:
    """Bring the database to the newest migration, in one transaction; one process at a time."""
    with engine.execution_options(**IMMEDIATE).begin() as connection:
        if connection.dialect.name == "mssql":
            _prepare(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version_schema(connection: sa.Connection) -> str | None:
    """Where Alembic keeps its own table."""
    return SCHEMA if connection.dialect.name == "mssql" else None


def _prepare(connection: sa.Connection) -> None:
    """Keep other migrating processes out, and make the schema that the first table needs."""
    connection.exec_driver_sql(
        "EXEC sp_getapplock @Resource = 'spotify.migrate', @LockMode = 'Exclusive'"
    )
    exists = connection.exec_driver_sql(f"SELECT SCHEMA_ID('{SCHEMA}')").scalar()
    if exists is None:
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return config
