"""The embedded database's file, looked at before anything else opens it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from local.files import set_aside
from local.process import StartError

FILES = ("", "-wal", "-shm", "-journal")
"""What ends the names of a database's files: apart from each other they are worth nothing."""

WAL_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")

SPOILED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

BUSY_SECONDS = 5.0

type State = tuple[str, int]
"""The database's epoch, and its version of the list of all genres, which only rises."""


def make_readable(database: Path, *, is_ours: bool) -> None:
    """Set the files aside when SQLite cannot read them; another program's raise StartError."""
    if not database.is_file():
        return
    log = Path(f"{database}-wal")
    if is_ours and _is_foreign(log):
        set_aside(log, "it is no log of SQLite's")
    if fault := _fault(database, log):
        if not is_ours:
            raise StartError(f"SQLITE_PATH={database} cannot be used: {fault}")
        set_aside(database, fault, FILES)


def state(database: Path) -> State | None:
    """None when there is no database yet, or no table in it."""
    query = "SELECT epoch, version FROM cache_epoch, cache_version WHERE scope = 'all'"
    with contextlib.suppress(sqlite3.OperationalError), _opened(database) as connection:
        row: State | None = connection.execute(query).fetchone()
        return row
    return None


def _fault(database: Path, log: Path) -> str | None:
    """Why SQLite cannot read it, after a look at every page: 0.2 s for the whole data set."""
    if not database.stat().st_size:
        # SQLite takes it for a new one, which it may be, and deletes the log.
        return "it is empty" if log.is_file() and log.stat().st_size else None
    try:
        with _opened(database) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        # The lowest byte is the primary code; that somebody writes to it is no fault of the file.
        return str(error) if error.sqlite_errorcode & 0xFF in SPOILED else None
    return None if said == "ok" else "some of its pages are damaged"


def _is_foreign(log: Path) -> bool:
    """SQLite would overwrite such a log without a word."""
    if not log.is_file():
        return False
    with log.open("rb") as file:
        return file.read(4) not in (b"", *WAL_MAGIC)


@contextlib.contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    uri = f"{database.absolute().as_uri()}?mode=rw"  # never make one
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as connection:
        # What is looked at stays as it is: a log must not go into a file that is spoiled.
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE)
        yield connection
