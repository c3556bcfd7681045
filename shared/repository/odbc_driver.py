"""The ODBC driver that a connection string names: whether this machine has it."""

import re
from pathlib import Path
from typing import Final

from shared.errors import SettingsError

MICROSOFTS: Final = (
    "Microsoft's ODBC Driver 18 for SQL Server: https://learn.microsoft.com/sql/connect/odbc/"
    "linux-mac/installing-the-microsoft-odbc-driver-for-sql-server"
)

_DRIVER: Final = re.compile(r"(?i)(?:^|;)\s*driver\s*=\s*(?:\{([^{};]*)\}|([^{};]*))")


def require_driver(odbc: str) -> None:
    """Raise SettingsError, which names what to install, unless the driver can be loaded.

    A string that names no driver, only a DSN, is left to the driver manager.
    """
    try:
        import pyodbc
    except ImportError:
        raise SettingsError(
            "SQL_CONNECTION_STRING needs unixODBC, which is not installed (Debian: apt-get install "
            f"unixodbc; macOS: brew install unixodbc), and {MICROSOFTS}"
        ) from None
    named = _DRIVER.search(odbc)
    name = (named[1] or named[2] or "").strip() if named else ""
    if name and not _is_installed(name, pyodbc.drivers()):
        raise SettingsError(
            f"SQL_CONNECTION_STRING names a driver, {name}, that is not installed. "
            f"Install {MICROSOFTS}"
        )


def _is_installed(name: str, known: list[str]) -> bool:
    """By the name in odbcinst.ini, in any case, or by the path of its library."""
    return name.casefold() in {other.casefold() for other in known} or Path(name).is_file()
