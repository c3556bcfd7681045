"""A load into SQLite, which holds the write lock only for the merge itself.

Records are staged in temporary tables of the connection, which block nothing, and compared there
with what is stored.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from shared.repository import sqlite_staging as sql
from shared.repository.counted_records import Counted, count_all, counting, is_listed, store
from shared.repository.driver_errors import translate_driver_errors
from shared.repository.load_target import Merged, StagedRow, reasons
from shared.repository.sqlite import IMMEDIATE
from shared.repository.statements import COUNTED, NEW_SCOPE, REASONS
from shared.repository.tables import cache_epoch, cache_version
from shared.repository.versions import Version
from shared.repository.writes import raise_in
from shared.tracks.genres import ALL, fold
from shared.tracks.rejected import DUPLICATE, Rejected
from shared.tracks.track import COLUMNS

_CACHE_KIB: Final = 65536
_CHUNK_ROWS: Final = 2000
_genre_of: Final = itemgetter(1 + COLUMNS.index("genre"))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a merge will do, as long as `data_version` is unchanged: the file has no new commits."""

    data_version: int
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
        self._stage = sql.with_placeholders(sa.insert(sql.staged), engine.dialect)
        self._reject = sql.with_placeholders(sa.insert(sql.rejected), engine.dialect)
        self._connection: sa.Connection | None = None

    def stage(self, batch: Sequence[StagedRow]) -> None:
        rows = self._spellings.applied_to(batch)
        with self._transaction() as connection:
            connection.exec_driver_sql(self._stage, rows)

    def reject(self, batch: Sequence[Rejected]) -> None:
        with self._transaction() as connection:
            connection.exec_driver_sql(self._reject, [astuple(line) for line in batch])

    def merge(self) -> Merged:
        """Plan without the write lock, and again under it only if the file has new commits."""
        with self._transaction() as connection:
            _reject_duplicates(connection)
        with self._transaction() as connection:
            plan = self._plan(connection)
        with self._transaction(**IMMEDIATE) as connection:
            if _data_version(connection) != plan.data_version:
                plan = self._plan(connection)
            versions = self._apply(connection, plan)
            connection.execute(sql.store_rejected(self._run_id))
            rejected = reasons(connection.execute(REASONS, {"run": self._run_id}))
        self._close()
        return Merged(plan.inserted, plan.updated, plan.unchanged, rejected, versions)

    def abandon(self) -> None:
        if self._connection is None:
            return
        try:
            with self._transaction(**IMMEDIATE) as connection:
                connection.execute(sql.store_rejected(self._run_id))
        finally:
            self._close()

    @contextmanager
    def _transaction(self, sqlite_begin: str = "BEGIN") -> Iterator[sa.Connection]:
        with translate_driver_errors():
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
        self._spellings.adopt_stored(connection)
        connection.execute(sql.FORGET_MATCHES)
        connection.execute(sql.FIND_MATCHES)
        counts = connection.execute(sql.COUNTS).all()
        inserted = sum(row.inserted for row in counts)
        updated = sum(row.updated for row in counts)
        return Plan(
            data_version=_data_version(connection),
            inserted=inserted,
            updated=updated,
            unchanged=sum(row.lines for row in counts) - inserted - updated,
            genres=tuple(row.genre for row in counts if row.inserted or row.updated),
        )

    def _apply(self, connection: sa.Connection, plan: Plan) -> Mapping[str, Version]:
        """Change the records, then raise the versions of the lists that changed.

        All records are counted then, so that the next POST need not do it (rule 33).
        """
        if not plan.genres:
            return {}
        first = _change_records(connection)
        count, counted = counting(connection), Counted(*connection.execute(COUNTED).one())
        listed, counted = is_listed(count, counted, first, self._limit)
        scopes = [*plan.genres, *([ALL] if listed else [])]
        created = _create_genres(connection, plan.genres)
        numbers = created | raise_in(connection, [name for name in scopes if name not in created])
        store(connection, count_all(count, counted))
        epoch = connection.scalars(sa.select(cache_epoch.c.epoch)).one()
        return {scope: Version(epoch, number) for scope, number in numbers.items()}

    def _close(self) -> None:
        """The temporary tables go with their connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Spellings:
    """One spelling for each genre of a load: the stored one, else the first that was staged."""

    def __init__(self) -> None:
        self._by_folded: dict[str, str] = {}
        self._by_name: dict[str, str] = {}

    def applied_to(self, rows: Sequence[StagedRow]) -> list[StagedRow]:
        """The same rows with one spelling for each genre. They are new only if one changes.

        A list, because the driver would take a tuple for a single row.
        """
        names = dict.fromkeys(map(_genre_of, rows))  # in the order of the rows
        spellings = {name: self._of(name) for name in names}
        if all(name == spelling for name, spelling in spellings.items()):
            return list(rows)
        return [(line, spellings[genre], *values) for line, genre, *values in rows]

    def _of(self, name: str) -> str:
        spelling = self._by_name.get(name)
        if spelling is None:
            spelling = self._by_folded.setdefault(fold(name), name)
            self._by_name[name] = spelling
        return spelling

    def adopt_stored(self, connection: sa.Connection) -> None:
        """Use the stored spellings, in the staged rows too."""
        for stored in connection.scalars(sa.select(cache_version.c.scope)):
            staged = self._by_folded.get(fold(stored))
            if staged is not None and staged != stored:
                connection.execute(sql.RESPELL, {"staged_as": staged, "stored_as": stored})
                self._by_folded[fold(stored)] = stored
        self._by_name.clear()


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


def _data_version(connection: sa.Connection) -> int:
    """A number that differs from an earlier one if another connection has committed meanwhile."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def _reject_duplicates(connection: sa.Connection) -> None:
    """Reject all but the first line of each record."""
    for rows in connection.execute(sql.DELETE_DUPLICATES).partitions(_CHUNK_ROWS):
        rejected = [{"line": row[0], "reason": DUPLICATE, "raw": _raw(row[1:])} for row in rows]
        connection.execute(sa.insert(sql.rejected), rejected)


def _raw(fields: Sequence[Any]) -> str:
    """A staged record as a line of CSV: its text as read is not kept."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def _change_records(connection: sa.Connection) -> int:
    """Update and insert; return the smallest id that changed: it decides about the list of all."""
    last = connection.scalar(sql.LAST_STORED) or 0
    connection.execute(sql.UPDATE)
    connection.execute(sql.INSERT)
    firsts = (
        connection.scalar(sql.FIRST_UPDATED),
        connection.scalar(sql.FIRST_INSERTED, {"last": last}),
    )
    return int(min(identity for identity in firsts if identity is not None))


def _create_genres(connection: sa.Connection, genres: Sequence[str]) -> dict[str, int]:
    """Give each of these genres that is new its first version."""
    known = set(connection.scalars(sa.select(cache_version.c.scope)))
    return {
        genre: connection.execute(NEW_SCOPE, {"scope": genre, "folded": fold(genre)}).scalar_one()
        for genre in sorted(genres)
        if genre not in known
    }
