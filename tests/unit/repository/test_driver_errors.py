"""Errors of Microsoft's driver: which are retried, which become 503, which are bugs of ours."""

from typing import Any

import pytest
import sqlalchemy as sa

from shared.errors import DatabaseUnavailable
from shared.repository.driver_errors import retry_transient, translate_driver_errors
from shared.repository.sql_server_errors import KINDS

pytestmark = pytest.mark.usefixtures("pyodbc")

DRIVER = "[Microsoft][ODBC Driver 18 for SQL Server]"
REACH = "The database cannot be reached."
BUSY = "The database is busy."
NO_USER = "The database cannot be opened: it is starting or moving, or has no such user."
TRANSIENT = {
    "a database that is moving": (REACH, "HY000", "[SQL Server]is not available. (40613)"),
    "an error while processing": (REACH, "42000", "[SQL Server]Encountered an error. (40197)"),
    "an error in the service": (REACH, "42000", "[SQL Server]Encountered an error. (40143)"),
    "a database in recovery": (REACH, "42000", "[SQL Server]has not been recovered yet. (921)"),
    "a database in transition": (REACH, "42000", "[SQL Server]is in transition. (952)"),
    "a replica without a group": (REACH, "42000", "[SQL Server]not currently accessible. (976)"),
    "a replica that lags": (REACH, "42000", "[SQL Server]Login to read-secondary failed. (4221)"),
    "a server that stops": (REACH, "42000", "[SQL Server]SHUTDOWN is in progress. (6005)"),
    "a session that was killed": (REACH, "HY000", "[SQL Server]in the kill state. (596)"),
    "a server in script upgrade": (REACH, "42000", "[SQL Server]Login failed. (18401)"),
    "a login that took too long": (REACH, "42000", "[SQL Server]Login failed. (17197)"),
    "a paused database": (REACH, "42000", "[SQL Server]is paused. (42108)"),
    "a database that cannot be opened": (NO_USER, "42000", "[SQL Server]Cannot open. (4060)"),
    "the service is busy": (BUSY, "42000", "[SQL Server]The service is currently busy. (40501)"),
    "too many operations": (BUSY, "42000", "[SQL Server]Cannot process request. (49918)"),
    "too many creations": (BUSY, "42000", "[SQL Server]Cannot process create request. (49919)"),
    "too many in the subscription": (BUSY, "42000", "[SQL Server]Cannot process. (49920)"),
    "the limit of sessions": (BUSY, "HY000", "[SQL Server]The session limit is reached. (10928)"),
    "too busy for more": (BUSY, "HY000", "[SQL Server]Currently too busy. (10929)"),
    "the limit of requests": (BUSY, "HY000", "[SQL Server]The request limit is reached. (10936)"),
    "no lock left": (BUSY, "42000", "[SQL Server]cannot obtain a LOCK resource. (1204)"),
    "the victim of a deadlock": (BUSY, "40001", "[SQL Server]was deadlocked. (1205)"),
    "a lock that took too long": (BUSY, "HYT00", "[SQL Server]Lock request time out. (1222)"),
    "no memory": (BUSY, "42000", "[SQL Server]insufficient system memory. (701)"),
    "no memory in time": (BUSY, "42000", "[SQL Server]A timeout occurred while waiting. (8645)"),
    "no plan in time": (BUSY, "42000", "[SQL Server]waiting to optimize the query. (8628)"),
    "a schema that changed under a snapshot": (
        BUSY,
        "42000",
        "[SQL Server]the object has been modified by a DDL statement. (3961)",
    ),
    "a schema that changed": (BUSY, "42000", "[SQL Server]The metadata has changed. (2816)"),
    "an update conflict": (BUSY, "42000", "[SQL Server]aborted due to update conflict. (3960)"),
    "a snapshot that was too old": (BUSY, "42000", "[SQL Server]is rolled back. (3966)"),
    "snapshots that are just allowed": (BUSY, "42000", "[SQL Server]did not allow. (3957)"),
    "a connection that was aborted": (REACH, "HY000", "TCP Provider: aborted (10053)"),
    "a connection that was reset": (REACH, "HY000", "TCP Provider: reset (10054)"),
    "a connection that timed out": (REACH, "HY000", "TCP Provider: no answer (10060)"),
    "no process at the other end": (REACH, "HY000", "Shared Memory Provider: no process (233)"),
    "a network name that is gone": (REACH, "HY000", "TCP Provider: not available (64)"),
    "a semaphore": (REACH, "HY000", "TCP Provider: the semaphore timeout (121)"),
    "a server without encryption": (REACH, "HY000", "does not support encryption (20)"),
    "a link that broke": (REACH, "08S01", "TCP Provider: Error code 0x68 (104)"),
    "a server that is not there": (REACH, "08001", "TCP Provider: Error code 0x6F (111)"),
    "an answer that came too late": (
        "The database did not answer in time.",
        "HYT00",
        "Query timeout expired (0)",
    ),
}
LASTING = {
    "a database that is full": (
        "The database stores nothing: it is full or read-only.",
        "42000",
        "[SQL Server]has reached its size quota. (40544)",
    ),
    "a half that only reads": (
        "The database stores nothing: it is full or read-only.",
        "25000",
        "[SQL Server]the database is read-only. (3906)",
    ),
    "a log that is full": (
        "The database stores nothing: it is full or read-only.",
        "42000",
        "[SQL Server]The transaction log is full. (9002)",
    ),
    "a session that was ended": (
        "The database ended the session, which used too much of its resources.",
        "42000",
        "[SQL Server]too much transaction log. (40552)",
    ),
    "a table that is missing": (
        "The database is not set up: its migrations have not run.",
        "42S02",
        "[SQL Server]Invalid object name 'spotify.features'. (208)",
    ),
    "a column that is missing": (
        "The database is not set up: its migrations have not run.",
        "42S22",
        "[SQL Server]Invalid column name 'danceability'. (207)",
    ),
    "a procedure that is missing": (
        "The database is not set up: its migrations have not run.",
        "42000",
        "[SQL Server]Could not find stored procedure 'spotify.load_features'. (2812)",
    ),
    "snapshots that are not allowed": (
        "The database is not set up: it does not allow snapshot isolation.",
        "42000",
        "[SQL Server]because snapshot isolation is not allowed in this database. (3952)",
    ),
    "a permission that is missing": (
        "The database is not set up: this identity lacks a role in it.",
        "42000",
        "[SQL Server]The EXECUTE permission was denied on the object. (229)",
    ),
    "a login that is refused": (
        "The database refuses the sign-in of this identity.",
        "28000",
        "[SQL Server]Login failed for user '<token-identified principal>'. (18456)",
    ),
    "a firewall": (
        "The database's firewall refuses connections from here.",
        "42000",
        "[SQL Server]Client with IP address '192.0.2.1' is not allowed. (40615)",
    ),
}
BUGS = {
    "a wrong statement": ("42000", "[SQL Server]Incorrect syntax near 'FORM'. (102)"),
    "a number in the text": ("42000", "[SQL Server]Cannot use 40613 or (1205) here. (245)"),
    "text that is too long": ("22001", "[SQL Server]would be truncated. (2628)"),
}


def raised(state: str, text: str, *more: str) -> sa.exc.DBAPIError:
    """The error as SQLAlchemy raises it; its dialect says whether the connection broke."""
    dialect = sa.create_engine("mssql+pyodbc://").dialect
    pyodbc: Any = dialect.dbapi
    message = f"[{state}] {DRIVER}{text} (SQLExecDirectW)"
    error = pyodbc.Error(state, "; ".join([message, *(f"[42000] {DRIVER}{one}" for one in more)]))
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


def detail(error: Exception) -> str:
    """What a caller reads in the 503 that the error becomes."""
    with pytest.raises(DatabaseUnavailable) as caught, translate_driver_errors():
        raise error
    return caught.value.detail


@pytest.mark.parametrize("case", TRANSIENT.values(), ids=TRANSIENT)
def test_a_transient_error_is_retried_and_then_means_unavailable(
    case: tuple[str, str, str],
) -> None:
    expected, state, text = case
    assert attempts(raised(state, text)) == 3
    assert detail(raised(state, text)) == expected


@pytest.mark.parametrize("case", LASTING.values(), ids=LASTING)
def test_a_lasting_error_means_unavailable_at_once(case: tuple[str, str, str]) -> None:
    expected, state, text = case
    assert attempts(raised(state, text)) == 1
    assert detail(raised(state, text)) == expected


def test_no_number_has_two_meanings() -> None:
    numbers = [number for kind in KINDS for number in kind.numbers]
    assert len(numbers) == len(set(numbers)) > 100


def test_of_several_errors_in_one_message_each_counts() -> None:
    """Only the first one is followed by the name of pyodbc's function."""
    error = raised("28000", "[SQL Server]Login failed. (18456)", "[SQL Server]Cannot open. (4060)")
    assert attempts(error) == 3
    assert detail(error) == NO_USER


@pytest.mark.parametrize("error", BUGS.values(), ids=BUGS)
def test_a_bug_of_ours_is_neither_retried_nor_hidden(error: tuple[str, str]) -> None:
    assert attempts(raised(*error)) == 1
    with pytest.raises(sa.exc.DBAPIError), translate_driver_errors():
        raise raised(*error)


def test_a_transaction_that_recovers_returns_its_result() -> None:
    errors = [raised(*error) for _, *error in list(TRANSIENT.values())[:2]]

    def work() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert retry_transient(work)() == "done"
