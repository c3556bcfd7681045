"""`python -m deployment.odbc_driver` prints which ODBC driver this machine has for Azure SQL.

That is the name of an installed driver, or the path of the one in the package mssql-python-odbc.
Without one it says in a line what to install.
"""

import importlib.util
import platform
import sys
from pathlib import Path
from typing import Final

from local.programs import UNIX_ODBC

NAME: Final = "ODBC Driver 18 for SQL Server"
PACKAGE: Final = "mssql_python_odbc"
_INSTALL: Final = (
    "https://learn.microsoft.com/sql/connect/odbc/download-odbc-driver-for-sql-server, "
    "or: .venv/bin/pip install mssql-python-odbc"
)
_FAMILIES: Final = {"debian": "debian_ubuntu", "ubuntu": "debian_ubuntu", "suse": "suse"}


def main() -> int:
    if UNIX_ODBC.missing:
        sys.stderr.write(f"{UNIX_ODBC.missing}\n")
        return 1
    import pyodbc  # without unixODBC it cannot be imported

    driver = NAME if NAME in pyodbc.drivers() else packaged()
    if not driver:
        sys.stderr.write(f"{NAME} is not installed ({_INSTALL})\n")
        return 1
    sys.stdout.write(f"{driver}\n")
    return 0


def packaged() -> str:
    """The driver of the package that fits this machine, or an empty text."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return ""
    drivers = sorted(Path(found.origin).parent.glob("libs/**/libmsodbcsql*"))
    return next((str(path) for path in drivers if family() in path.parts), "")


def family() -> str:
    """The folder of the package for this kind of system."""
    if sys.platform == "darwin":
        return "macos"
    release = platform.freedesktop_os_release()
    kinds = [release["ID"], *release.get("ID_LIKE", "").split()]
    return next((_FAMILIES[kind] for kind in kinds if kind in _FAMILIES), "rhel")


if __name__ == "__main__":
    sys.exit(main())
