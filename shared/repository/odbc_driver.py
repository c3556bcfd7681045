"""Whether the ODBC driver of a connection string is installed."""

from pathlib import Path
from typing import Final

from shared.errors import SettingsError
from shared.settings.connection_string import parse_odbc_string

MICROSOFTS: Final = (
    "Microsoft's ODBC Driver 18 for SQL Server: https://learn.microsoft.com/sql/connect/odbc/"
    "linux-mac/installing-the-microsoft-odbc-driver-for-sql-server"
)


def require_driver(odbc: str) -> None:
    """Raise SettingsError, with what to install, if the driver of a connection string is missing.

    A string without a driver, which names a DSN, is not checked.
    """
    try:
        import pyodbc
    except ImportError:
        raise SettingsError(
            "SQL_CONNECTION_STRING needs unixODBC, which is not installed (Debian: apt-get install "
            f"unixodbc; macOS: brew install unixodbc), and {MICROSOFTS}"
        ) from None
    name = parse_odbc_string(odbc).get("driver", "")
    if name and not _is_installed(name, pyodbc.drivers()):
        raise SettingsError(
            f"SQL_CONNECTION_STRING names a driver, {name}, that is not installed. "
            f"Install {MICROSOFTS}"
        )


def _is_installed(name: str, known: list[str]) -> bool:
    """By the name in odbcinst.ini, in any case, or by the path of its library."""
    return name.casefold() in {other.casefold() for other in known} or Path(name).is_file()
