"""The engine that the settings choose: Azure SQL if there is a connection string, else SQLite."""

import sqlalchemy as sa

from shared.repository.azure_sql import azure_engine
from shared.repository.odbc_driver import require_driver
from shared.repository.sqlite import sqlite_engine
from shared.settings import Settings


def engine_of(settings: Settings, connections: int = 1) -> sa.Engine:
    """An engine that keeps so many connections; it connects when it is first used.

    Raises SettingsError when the connection string's ODBC driver is not installed.
    """
    odbc = settings.sql_connection_string.get_secret_value()
    if odbc:
        require_driver(odbc)
        return azure_engine(odbc, connections)
    return sqlite_engine(settings.sqlite_path, connections)
