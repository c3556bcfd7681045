"""Transactions that write: a record with the versions of its lists, or versions alone."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from typing import Final

import sqlalchemy as sa

from shared.errors import DatabaseUnavailable, OutcomeUnknown, TrackExists
from shared.repository.database import Written
from shared.repository.driver_errors import retry_transient, translate_driver_errors
from shared.repository.statements import (
    ADD_TRACK,
    EPOCH_AND_GENRE,
    NEW_SCOPE,
    RAISE_VERSION,
    VERSIONS_OF,
    earlier_than,
)
from shared.repository.tables import cache_epoch
from shared.repository.versions import Version, Versions
from shared.tracks.genres import ALL, fold, tidy
from shared.tracks.track import Track

_UNIQUE: Final = "uq_features_genre_track_id"
_ATTEMPTS: Final = 5
"""A transaction fails at most once because another one creates its genre; the rest is a reserve."""


class GenreTaken(Exception):
    """Another writer has just created this genre, perhaps in another spelling."""


@translate_driver_errors()
def insert(engine: sa.Engine, track: Track, limit: int) -> Written:
    """Store a record and raise the versions of its lists; `limit` is FEATURES_LIMIT.

    `engine` begins transactions that write (see sqlite.IMMEDIATE). Raises TrackExists,
    DatabaseUnavailable, OutcomeUnknown.
    """
    for _ in range(_ATTEMPTS):
        with suppress(GenreTaken):
            return _insert(engine, track, limit)
    raise DatabaseUnavailable


@translate_driver_errors()
@retry_transient
def raise_versions(engine: sa.Engine, scopes: Sequence[str]) -> Versions:
    """Give these scopes new versions; unknown scopes are left out of the answer."""
    with committing(engine) as connection:
        epoch = connection.execute(sa.select(cache_epoch.c.epoch)).scalar_one()
        return Versions(epoch, raise_in(connection, scopes))


def raise_in(connection: sa.Connection, scopes: Iterable[str]) -> dict[str, int]:
    """Raise the versions of these scopes within a transaction, and return the new numbers.

    Every writer raises the genres in alphabetical order and then `all`, so that no two wait for
    each other's row locks (docs/protocol.md, rule 11). Unknown scopes are left out.
    """
    order = sorted(set(scopes), key=lambda name: (name == ALL, name))
    for scope in order:
        connection.execute(RAISE_VERSION, {"raised": scope})
    rows = connection.execute(VERSIONS_OF, {"scopes": order}).all()
    numbers = {row.scope: row.version for row in rows}
    return {scope: numbers[scope] for scope in order if scope in numbers}


@contextmanager
def committing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that commits at the end. Raises OutcomeUnknown when the commit itself fails."""
    with engine.connect() as connection:
        yield connection
        try:
            connection.commit()
        except sa.exc.DBAPIError as error:
            connection.invalidate()
            raise OutcomeUnknown from error


@retry_transient
def _insert(engine: sa.Engine, track: Track, limit: int) -> Written:
    with committing(engine) as connection:
        epoch, genre = connection.execute(EPOCH_AND_GENRE, {"folded": fold(track.genre)}).one()
        created = {}
        if genre is None:
            genre = tidy(track.genre)
            created[genre] = _create(connection, genre)
        stored = replace(track, genre=genre)
        identity = _add(connection, stored)
        listed = connection.scalars(earlier_than(identity, limit)).one() < limit
        scopes = {genre} | ({ALL} if listed else set())
        numbers = created | raise_in(connection, scopes - created.keys())
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
        return int(connection.execute(ADD_TRACK, asdict(track)).scalar_one())
    except sa.exc.IntegrityError as error:
        if _exists_already(error):
            raise TrackExists from error
        raise


def _exists_already(error: sa.exc.IntegrityError) -> bool:
    """Whether (genre, track_id) exists already; any other broken constraint is a bug of ours."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_UNIQUE
    return _UNIQUE in str(error.orig)
