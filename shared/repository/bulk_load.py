"""Which adapter of the port Target takes a load: SQL Server's or SQLite's."""

import sqlalchemy as sa

from shared.repository.bulk_load_azure_sql import AzureLoad
from shared.repository.bulk_load_sqlite import SqliteLoad
from shared.repository.load_target import Target


def bulk_load(engine: sa.Engine, features_limit: int, run_id: str) -> Target:
    """One load, whose rejects are kept under `run_id`."""
    load = AzureLoad if engine.dialect.name == "mssql" else SqliteLoad
    return load(engine, features_limit, run_id)
