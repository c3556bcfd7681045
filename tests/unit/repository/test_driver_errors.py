"""Errors of Microsoft's driver: which are retried, which become 503, which are bugs of ours."""

from typing import Any

import pytest
import sqlalchemy as sa

from shared.errors import DatabaseUnavailable
from shared.repository.driver_errors import retry_transient, translate_driver_errors

pytestmark = pytest.mark.usefixtures("pyodbc")

DRIVER = "[Microsoft][ODBC Driver 18 for SQL Server]"
TRANSIENT = {
    "a database that is moving": ("HY000", "[SQL Server]Database 'x' is not available. (40613)"),
    "the service is busy": ("42000", "[SQL Server]The service is currently busy. (40501)"),
    "an error while processing": ("42000", "[SQL Server]Encountered an error. (40197)"),
    "too many operations": ("42000", "[SQL Server]Cannot process request. (49918)"),
    "too many creations": ("42000", "[SQL Server]Cannot process create request. (49919)"),
    "too many in the subscription": ("42000", "[SQL Server]Cannot process request. (49920)"),
    "a login to a database in recovery": ("42000", "[SQL Server]Cannot open database. (4060)"),
    "the limit of sessions": ("HY000", "[SQL Server]The session limit is reached. (10928)"),
    "too busy for more": ("HY000", "[SQL Server]Currently too busy. (10929)"),
    "the limit of requests": ("HY000", "[SQL Server]The request limit is reached. (10936)"),
    "the victim of a deadlock": ("40001", "[SQL Server]was deadlocked on lock resources. (1205)"),
    "a lock that took too long": ("42000", "[SQL Server]Lock request time out. (1222)"),
    "no memory in time": ("42000", "[SQL Server]A timeout occurred while waiting. (8645)"),
    "a connection that was aborted": ("HY000", "TCP Provider: aborted (10053)"),
    "a connection that was reset": ("HY000", "TCP Provider: reset (10054)"),
    "a connection that timed out": ("HY000", "TCP Provider: no answer (10060)"),
    "no process at the other end": ("HY000", "Shared Memory Provider: no process (233)"),
    "a network name that is gone": ("HY000", "TCP Provider: not available (64)"),
    "a semaphore": ("HY000", "TCP Provider: the semaphore timeout (121)"),
    "a server without encryption": ("HY000", "The instance does not support encryption (20)"),
}
DISCONNECTED = {
    "a link that broke": ("08S01", "TCP Provider: Error code 0x68 (104)"),
    "a server that is not there": ("08001", "TCP Provider: Error code 0x6F (111)"),
    "an answer that came too late": ("HYT00", "Login timeout expired (0)"),
}
LASTING = {
    "a database that is full": ("42000", "[SQL Server]has reached its size quota. (40544)"),
    "a half that only reads": ("25000", "[SQL Server]the database is read-only. (3906)"),
    "a log that is full": ("42000", "[SQL Server]The transaction log is full. (9002)"),
    "a session that was ended": ("42000", "[SQL Server]too much transaction log. (40552)"),
}
BUGS = {
    "a wrong statement": ("42000", "[SQL Server]Incorrect syntax near 'FORM'. (102)"),
    "a number in the text": ("42000", "[SQL Server]Cannot use 40613 or (1205) here. (245)"),
    "text that is too long": ("22001", "[SQL Server]would be truncated. (2628)"),
}


def raised(state: str, text: str) -> sa.exc.DBAPIError:
    """The error as SQLAlchemy raises it; its dialect says whether the connection broke."""
    dialect = sa.create_engine("mssql+pyodbc://").dialect
    pyodbc: Any = dialect.dbapi
    error = pyodbc.Error(state, f"[{state}] {DRIVER}{text} (SQLExecDirectW)")
    found = sa.exc.DBAPIError.instance(
        "SELECT 1",
        None,
        error,
        pyodbc.Error,
        connection_invalidated=dialect.is_disconnect(error, None, None),
    )
    assert isinstance(found, sa.exc.DBAPIError)
    return found


def attempts(error: Exception) -> int:
    """How often a transaction that fails with this error is run."""
    count = 0

    def work() -> None:
        nonlocal count
        count += 1
        raise error

    with pytest.raises(type(error)):
        retry_transient(work)()
    return count


@pytest.mark.parametrize("error", (TRANSIENT | DISCONNECTED).values(), ids=TRANSIENT | DISCONNECTED)
def test_a_transient_error_is_retried_and_then_means_unavailable(error: tuple[str, str]) -> None:
    assert attempts(raised(*error)) == 3
    with pytest.raises(DatabaseUnavailable), translate_driver_errors():
        raise raised(*error)


@pytest.mark.parametrize("error", LASTING.values(), ids=LASTING)
def test_a_lasting_error_means_unavailable_at_once(error: tuple[str, str]) -> None:
    assert attempts(raised(*error)) == 1
    with pytest.raises(DatabaseUnavailable), translate_driver_errors():
        raise raised(*error)


@pytest.mark.parametrize("error", BUGS.values(), ids=BUGS)
def test_a_bug_of_ours_is_neither_retried_nor_hidden(error: tuple[str, str]) -> None:
    assert attempts(raised(*error)) == 1
    with pytest.raises(sa.exc.DBAPIError), translate_driver_errors():
        raise raised(*error)


def test_a_missing_permission_is_named() -> None:
    denied = raised("42000", "[SQL Server]The EXECUTE permission was denied on the object. (229)")
    with pytest.raises(DatabaseUnavailable) as caught, translate_driver_errors():
        raise denied
    assert "lacks a role" in caught.value.detail


def test_a_transaction_that_recovers_returns_its_result() -> None:
    errors = [raised(*error) for error in list(TRANSIENT.values())[:2]]

    def work() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert retry_transient(work)() == "done"
