"""Checks the embedded database's file before anything else opens it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from local.files import set_aside
from local.process import StartError

FILES = ("", "-wal", "-shm", "-journal")
"""Suffixes of a database's files, which are only usable together."""

WAL_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")

DAMAGED_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

BUSY_SECONDS = 5.0

type State = tuple[str, int]
"""The database's epoch, and the version of the list of all genres, which never decreases."""


def make_readable(database: Path, *, is_ours: bool) -> None:
    """Set the files aside if SQLite cannot read them; raise StartError if they are not ours."""
    if not database.is_file():
        return
    log = Path(f"{database}-wal")
    if is_ours and _is_foreign(log):
        set_aside(log, "it is not a log of SQLite")
    if fault := _fault(database, log):
        if not is_ours:
            raise StartError(f"SQLITE_PATH={database} cannot be used: {fault}")
        set_aside(database, fault, FILES)


def state(database: Path) -> State | None:
    """Return None if there is no database, or no table in it."""
    query = "SELECT epoch, version FROM cache_epoch, cache_version WHERE scope = 'all'"
    with contextlib.suppress(sqlite3.OperationalError), _opened(database) as connection:
        row: State | None = connection.execute(query).fetchone()
        return row
    return None


def _fault(database: Path, log: Path) -> str | None:
    """Return why SQLite cannot read it, or None. Reads every page: 0.2 s for the whole data set."""
    if not database.stat().st_size:
        # SQLite would take it for a new database and delete the log.
        return "it is empty" if log.is_file() and log.stat().st_size else None
    try:
        with _opened(database) as connection:
            (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        # The lowest byte is the primary code. Other codes, such as BUSY, do not mean damage.
        return str(error) if error.sqlite_errorcode & 0xFF in DAMAGED_CODES else None
    return None if result == "ok" else "some of its pages are damaged"


def _is_foreign(log: Path) -> bool:
    """Whether the log is not SQLite's, which would overwrite it without a warning."""
    if not log.is_file():
        return False
    with log.open("rb") as file:
        return file.read(4) not in (b"", *WAL_MAGIC)


@contextlib.contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    uri = f"{database.absolute().as_uri()}?mode=rw"  # never creates one
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as connection:
        # The check changes nothing: a log must not be written into a damaged file.
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE)
        yield connection
