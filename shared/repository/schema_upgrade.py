"""Runs the migrations, the same for SQLite and SQL Server, from any working directory."""

from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from shared.repository.sqlite import IMMEDIATE
from shared.repository.tables import SCHEMA

SCRIPTS: Final = "shared.repository:migrations"
"""The folder of the migrations, in Alembic's notation for packages."""


def upgrade(engine: sa.Engine) -> None:
    """Run the migrations that the database lacks, in one transaction; other processes wait."""
    with engine.execution_options(**IMMEDIATE).begin() as connection:
        if connection.dialect.name == "mssql":
            _prepare(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version_schema(connection: sa.Connection) -> str | None:
    """The schema of Alembic's own table; None on SQLite, which has no schemas."""
    return SCHEMA if connection.dialect.name == "mssql" else None


def _prepare(connection: sa.Connection) -> None:
    """Lock out other processes that migrate, and create the schema for the first table."""
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
