"""Transactions that write: a record with the versions of its lists, or versions alone."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from shared.errors import DatabaseUnavailable, OutcomeUnknown, TrackExists
from shared.repository.azure_sql import raise_in_one_batch
from shared.repository.counted_records import Counted, counting, is_listed, store
from shared.repository.database import Written
from shared.repository.driver_errors import retry_transient, translate_driver_errors
from shared.repository.sqlite import raise_each
from shared.repository.statements import (
    ADD_TRACK,
    BEFORE_INSERT,
    NEW_SCOPE,
    spelled,
)
from shared.repository.tables import cache_epoch
from shared.repository.versions import Version, Versions
from shared.tracks.genres import ALL, fold, tidy
from shared.tracks.track import COLUMNS, Track

_UNIQUE: Final = "uq_features_genre_track_id"
_ATTEMPTS: Final = 5
"""A transaction fails at most once because another one creates its genre; the rest is a reserve."""


class GenreTaken(Exception):
    """Another writer has just created this genre, perhaps in another spelling."""


class CallerLeft(Exception):
    """The caller has given up: what runs for it in a thread ends without an effect."""


class CommitRight:
    """The right to commit one write, which can be taken once (docs/protocol.md, rule 14).

    The thread takes it before it commits, the caller when it gives up: then nothing is committed.
    """

    def __init__(self) -> None:
        self._taken = threading.Lock()

    def take(self) -> bool:
        """Take the right. Return False if it was taken before."""
        return self._taken.acquire(blocking=False)

    @property
    def is_taken(self) -> bool:
        return self._taken.locked()


@translate_driver_errors()
def insert(engine: sa.Engine, right: CommitRight, track: Track, limit: int) -> Written:
    """Store a record and raise the versions of its lists; `limit` is FEATURES_LIMIT.

    `engine` begins transactions that write (see sqlite.IMMEDIATE). Raises TrackExists,
    DatabaseUnavailable, OutcomeUnknown, CallerLeft.
    """
    for _ in range(_ATTEMPTS):
        with suppress(GenreTaken):
            return _insert(engine, right, track, limit)
    raise DatabaseUnavailable


@translate_driver_errors()
@retry_transient
def raise_versions(engine: sa.Engine, right: CommitRight, scopes: Sequence[str]) -> Versions:
    """Give these scopes new versions; unknown scopes are left out of the answer."""
    with committing(engine, right) as connection:
        epoch = connection.execute(sa.select(cache_epoch.c.epoch)).scalar_one()
        return Versions(epoch, raise_in(connection, scopes))


def raise_in(connection: sa.Connection, scopes: Iterable[str]) -> dict[str, int]:
    """Raise the versions of these scopes within a transaction, and return the new numbers.

    Every writer raises the genres in alphabetical order and then `all`, so that no two wait for
    each other's row locks (docs/protocol.md, rule 11). Unknown scopes are left out.
    """
    order = sorted(set(scopes), key=lambda name: (name == ALL, name))
    raise_all = raise_in_one_batch if connection.dialect.name == "mssql" else raise_each
    numbers = raise_all(connection, order)
    return {scope: numbers[scope] for scope in order if scope in numbers}


@contextmanager
def committing(engine: sa.Engine, right: CommitRight) -> Iterator[sa.Connection]:
    """A transaction that commits at the end, unless its caller has given up: then CallerLeft.

    Raises OutcomeUnknown when the commit itself fails.
    """
    if right.is_taken:  # a transaction that is not begun holds no locks
        raise CallerLeft
    with engine.connect() as connection:
        yield connection
        if not right.take():
            raise CallerLeft
        try:
            connection.commit()
        except sa.exc.DBAPIError as error:
            connection.invalidate()
            raise OutcomeUnknown from error


@retry_transient
def _insert(engine: sa.Engine, right: CommitRight, track: Track, limit: int) -> Written:
    with committing(engine, right) as connection:
        epoch, genre, *found = connection.execute(BEFORE_INSERT, spelled(track.genre)).one()
        counted = Counted(*found)
        created = {}
        if genre is None:
            genre = tidy(track.genre)
            created[genre] = _create(connection, genre)
        stored = replace(track, genre=genre)
        identity = _add(connection, stored)
        listed, now = is_listed(counting(connection), counted, identity, limit)
        scopes = {genre} | ({ALL} if listed else set())
        numbers = created | raise_in(connection, scopes - created.keys())
        if now != counted:
            store(connection, now)
    versions = tuple((scope, Version(epoch, number)) for scope, number in numbers.items())
    return Written(stored, versions)


def _create(connection: sa.Connection, genre: str) -> int:
    try:
        row = connection.execute(NEW_SCOPE, {"scope": genre, "folded": fold(genre)})
        return int(row.scalar_one())
    except sa.exc.IntegrityError as error:
        raise GenreTaken from error


def _add(connection: sa.Connection, track: Track) -> int:
    try:
        return int(connection.execute(ADD_TRACK, _given(track)).scalar_one())
    except sa.exc.IntegrityError as error:
        if _exists_already(error):
            raise TrackExists from error
        raise


def _given(track: Track) -> dict[str, Any]:
    """The columns that have a value. For a NULL the driver would ask the server for its type."""
    values = ((name, getattr(track, name)) for name in COLUMNS)
    return {name: value for name, value in values if value is not None}


def _exists_already(error: sa.exc.IntegrityError) -> bool:
    """Whether (genre, track_id) exists already; any other broken constraint is a bug of ours."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_UNIQUE
    return _UNIQUE in str(error.orig)
