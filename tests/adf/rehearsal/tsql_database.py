"""A database on a T-SQL server, with the real stored procedure."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tests.adf.rehearsal.outcome import ActivityFailed
from tests.adf.rehearsal.world import Rows

if TYPE_CHECKING:  # it loads only where unixODBC is installed
    import pyodbc

_ROWS: Final = 1000
"""Rows sent at once: the driver allocates each as wide as the widest value."""


class TSql:
    """A T-SQL server."""

    def __init__(self, odbc: str) -> None:
        self._odbc = odbc

    def execute(self, text: str) -> None:
        with self._cursor() as cursor:
            cursor.execute(text)

    def insert(self, table: str, columns: list[str], rows: Rows) -> None:
        names = ", ".join(f"[{name}]" for name in columns)
        statement = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - names from our own files
        with self._cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            for start in range(0, len(rows), _ROWS):
                _send(cursor, statement, rows[start : start + _ROWS])
            cursor.execute("COMMIT TRANSACTION")

    def call(self, procedure: str, parameters: Mapping[str, Any]) -> None:
        names = ", ".join(f"@{name} = ?" for name in parameters)
        with self._cursor() as cursor:
            cursor.execute(f"EXEC {procedure} {names}", *parameters.values())
            while cursor.nextset():  # an error after a row count comes with the next result
                pass

    @contextmanager
    def _cursor(self) -> Iterator["pyodbc.Cursor"]:
        """Yield a cursor on a new connection in autocommit mode, as each activity has."""
        import pyodbc

        connection = pyodbc.connect(self._odbc, autocommit=True)
        try:
            yield connection.cursor()
        except pyodbc.Error as error:
            raise ActivityFailed(str(error.args[-1]), "SqlOperationFailed") from error
        finally:
            connection.close()


def _send(cursor: "pyodbc.Cursor", statement: str, rows: Rows) -> None:
    from pyodbc import SQL_WVARCHAR

    widths = [
        max(2 * len(value or "") for value in column) or 1 for column in zip(*rows, strict=True)
    ]
    cursor.fast_executemany = True
    cursor.setinputsizes([(SQL_WVARCHAR, width, 0) for width in widths])
    cursor.executemany(statement, rows)
