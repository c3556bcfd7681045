"""A load into SQLite, which keeps the write lock no longer than the merge itself needs.

Records are staged in the connection's own temporary database, which nobody waits for, and compared
there with what is stored.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from shared.repository import sqlite_staging as sql
from shared.repository.driver_errors import translated
from shared.repository.genre_spellings import Spellings
from shared.repository.load_target import Merged
from shared.repository.sqlite import IMMEDIATE
from shared.repository.statements import NEW_SCOPE, earlier_than
from shared.repository.tables import cache_epoch, cache_version
from shared.repository.versions import ALL, Version
from shared.repository.writes import raised
from shared.tracks.genres import fold
from shared.tracks.rejected import DUPLICATE, Rejected
from shared.tracks.track import COLUMNS, Track

_CACHE_KIB: Final = 65536
_CHUNK_ROWS: Final = 2000
_values: Final = attrgetter(*COLUMNS[1:])


@dataclass(frozen=True, slots=True)
class Plan:
    """What a merge will do, and the state of the file (PRAGMA data_version) it was made for."""

    state: int
    inserted: int
    updated: int
    unchanged: int
    genres: tuple[str, ...]


class SqliteLoad:
    """The port Target on SQLite."""

    def __init__(self, engine: sa.Engine, features_limit: int, run_id: str) -> None:
        self._engine = engine
        self._limit = features_limit
        self._run_id = run_id
        self._spellings = Spellings()
        self._stage = sql.placeholders(sql.STAGE, engine.dialect)
        self._refuse = sql.placeholders(sa.insert(sql.refused), engine.dialect)
        self._connection: sa.Connection | None = None

    def stage(self, batch: Sequence[tuple[int, Track]]) -> None:
        canonical = self._spellings.canonical
        rows = [(line, canonical(track.genre), *_values(track)) for line, track in batch]
        with self._transaction() as connection:
            connection.exec_driver_sql(self._stage, rows)

    def reject(self, batch: Sequence[Rejected]) -> None:
        with self._transaction() as connection:
            connection.exec_driver_sql(self._refuse, [astuple(line) for line in batch])

    def merge(self) -> Merged:
        with self._transaction() as connection:
            duplicates = _drop_repeats(connection)
        with self._transaction() as connection:
            plan = self._plan(connection)
        with self._transaction(**IMMEDIATE) as connection:
            if _state(connection) != plan.state:
                plan = self._plan(connection)
            versions = self._apply(connection, plan)
            connection.execute(sql.keep_refused(self._run_id))
        self._close()
        return Merged(plan.inserted, plan.updated, plan.unchanged, duplicates, versions)

    def abandon(self) -> None:
        if self._connection is None:
            return
        try:
            with self._transaction(**IMMEDIATE) as connection:
                connection.execute(sql.keep_refused(self._run_id))
        finally:
            self._close()

    @contextmanager
    def _transaction(self, sqlite_begin: str = "BEGIN") -> Iterator[sa.Connection]:
        with translated():
            if self._connection is None:
                self._connection = _open(self._engine)
            connection = self._connection.execution_options(sqlite_begin=sqlite_begin)
            try:
                with connection.begin():
                    yield connection
            except BaseException:
                connection.connection.rollback()  # a COMMIT that fails may leave it open
                raise

    def _plan(self, connection: sa.Connection) -> Plan:
        """Compare what is staged with what is stored, within one transaction."""
        self._spellings.adopt(connection)
        connection.execute(sql.FORGET_MET)
        connection.execute(sql.MEET)
        counts = connection.execute(sql.COUNTS).all()
        inserted = sum(row.inserted for row in counts)
        updated = sum(row.updated for row in counts)
        return Plan(
            state=_state(connection),
            inserted=inserted,
            updated=updated,
            unchanged=sum(row.lines for row in counts) - inserted - updated,
            genres=tuple(row.genre for row in counts if row.inserted or row.updated),
        )

    def _apply(self, connection: sa.Connection, plan: Plan) -> Mapping[str, Version]:
        """Change the records, then raise the versions of the lists that changed."""
        if not plan.genres:
            return {}
        last = connection.scalar(sql.LAST_STORED) or 0
        connection.execute(sql.CHANGE)
        connection.execute(sql.ADD)
        firsts = (
            connection.scalar(sql.FIRST_CHANGED),
            connection.scalar(sql.FIRST_ADDED, {"last": last}),
        )
        first = min(identity for identity in firsts if identity is not None)
        scopes = [*plan.genres]
        if connection.scalars(earlier_than(first, self._limit)).one() < self._limit:
            scopes.append(ALL)
        created = _create(connection, plan.genres)
        numbers = created | raised(connection, [name for name in scopes if name not in created])
        epoch = connection.scalars(sa.select(cache_epoch.c.epoch)).one()
        return {scope: Version(epoch, number) for scope, number in numbers.items()}

    def _close(self) -> None:
        """The temporary database goes with its connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _open(engine: sa.Engine) -> sa.Connection:
    connection = engine.connect()
    connection.detach()
    try:
        with connection.begin():
            connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
            sql.temporary.create_all(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _state(connection: sa.Connection) -> int:
    """Differs from an earlier answer if another connection has committed in between."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def _drop_repeats(connection: sa.Connection) -> int:
    """Refuse all but the first line of a record; how many those are."""
    count = 0
    for rows in connection.execute(sql.DROP_REPEATS).partitions(_CHUNK_ROWS):
        refused = [{"line": row[0], "reason": DUPLICATE, "raw": _raw(row[1:])} for row in rows]
        connection.execute(sa.insert(sql.refused), refused)
        count += len(refused)
    return count


def _raw(fields: Sequence[Any]) -> str:
    """The record as a line of CSV; what was read of it is not kept once it is transformed."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def _create(connection: sa.Connection, genres: Sequence[str]) -> dict[str, int]:
    """Give those of these genres that are new their first version."""
    known = set(connection.scalars(sa.select(cache_version.c.scope)))
    return {
        genre: connection.execute(NEW_SCOPE, {"scope": genre, "folded": fold(genre)}).scalar_one()
        for genre in sorted(genres)
        if genre not in known
    }
