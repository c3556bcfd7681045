"""Statements that read records and versions, and that raise versions; the same on both engines."""

from typing import Any, Final

import sqlalchemy as sa

from shared.repository.database_clock import clock_ms, next_version
from shared.repository.tables import (
    cache_epoch,
    cache_version,
    features,
    features_counted,
    features_rejected,
)
from shared.tracks.genres import ALL, fold, tidy
from shared.tracks.track import COLUMNS, View

_epoch: Final = cache_epoch.c.epoch
_scope: Final = cache_version.c.scope
_version: Final = cache_version.c.version

ALL_VERSIONS: Final = sa.select(_epoch, _scope, _version).select_from(
    cache_epoch.join(cache_version, sa.true())
)
"""(epoch, scope, version), one row per scope, in one query (docs/protocol.md, rule 4)."""

EPOCH_AND_VERSION: Final = sa.select(_epoch, _scope, _version).select_from(
    cache_epoch.outerjoin(cache_version, _scope == sa.bindparam("scope"))
)
"""(epoch, scope, version) of one scope, or (epoch, None, None).

The caller must compare the scope again: SQL Server ignores trailing blanks when it compares.
"""

_is_spelled: Final = _scope == sa.bindparam("spelling")
_names_genre: Final = _is_spelled | (cache_version.c.folded == sa.bindparam("fold"))
_spelled_first: Final = sa.case((_is_spelled, 0), else_=1)


def spelled(genre: str) -> dict[str, str]:
    """Return the parameters by which a statement finds a genre: its name, and its fold.

    By its stored name a genre is found even if another version of Unicode has folded it.
    """
    return {"spelling": tidy(genre), "fold": fold(genre)}


COUNTED: Final = sa.select(features_counted.c.records, features_counted.c.last_id)

BEFORE_INSERT: Final = (
    sa.select(_epoch, _scope, *COUNTED.selected_columns)
    .select_from(
        cache_epoch.join(features_counted, sa.true()).outerjoin(cache_version, _names_genre)
    )
    .order_by(_spelled_first)
    .limit(1)
)
"""(epoch, stored spelling or None of a genre, records and last_id of what was counted)."""

NEW_SCOPE: Final = (
    sa.insert(cache_version)
    .values(scope=sa.bindparam("scope"), folded=sa.bindparam("folded"), version=clock_ms())
    .returning(_version)
)

RAISE_VERSION: Final = (
    sa.update(cache_version)
    .where(_scope == sa.bindparam("raised"))
    .values(version=next_version(_version))
)

RAISED_VERSION: Final = RAISE_VERSION.returning(_version)
"""Raises a version and returns it. Not for SQL Server: what an UPDATE returns there may be older
than what it stores, if it had to wait for the row's lock."""

VERSIONS_OF: Final = sa.select(_scope, _version).where(
    _scope.in_(sa.bindparam("scopes", expanding=True))
)

ADD_TRACK: Final = sa.insert(features).returning(features.c.id)

REASONS: Final = (
    sa.select(
        features_rejected.c.reason,
        sa.func.count().label("lines"),
        sa.func.min(features_rejected.c.line).label("first_line"),
    )
    .where(features_rejected.c.run_id == sa.bindparam("run"))
    .group_by(features_rejected.c.reason)
)
"""Why lines of a load were rejected: (reason, number of lines, the first of them)."""


def rows_of(scope: str, view: View, limit: int) -> sa.Select[Any]:
    """A list's rows, (id, then the view's columns), in id order; `limit` is for the list of all."""
    columns = [features.c[name] for name in ("id", *view.columns)]
    rows = sa.select(*columns).order_by(features.c.id)
    return rows.limit(limit) if scope == ALL else rows.where(features.c.genre == scope)


def count_between(after: int, before: int, most: int) -> sa.Select[int, int]:
    """(number, greatest id) of the records between two ids: the first of them, at most so many."""
    between = sa.select(features.c.id).where(features.c.id > after, features.c.id < before)
    found = between.order_by(features.c.id).limit(most).subquery()
    return sa.select(sa.func.count(), sa.func.max(found.c.id)).select_from(found)


STORE_COUNTED: Final = (
    sa.update(features_counted)
    .where(features_counted.c.last_id < sa.bindparam("counted_to"))
    .values(records=sa.bindparam("counted"), last_id=sa.bindparam("counted_to"))
)

WAIT_FOR_WRITER: Final = sa.update(cache_version).where(_names_genre).values(version=_version)
"""Changes nothing, but waits for a transaction that has raised this genre's version and not yet
committed. A read alone would not wait on a server without locking reads."""

_LOCKING: Final = "WITH (READCOMMITTEDLOCK)"
_genre: Final = (
    sa.select(_scope)
    .where(_names_genre)
    .order_by(_spelled_first)
    .limit(1)
    .with_hint(cache_version, _LOCKING, "mssql")
)

RECORD: Final = (
    sa.select(*(features.c[name] for name in COLUMNS))
    .with_hint(features, _LOCKING, "mssql")
    .where(
        features.c.genre == _genre.scalar_subquery(),
        features.c.track_id == sa.bindparam("of_track"),
    )
)
"""A record's columns; on SQL Server the read waits for a transaction that is about to commit.

Azure SQL reads the last committed state without waiting, except with READCOMMITTEDLOCK (Microsoft
Learn: Table hints). WAIT_FOR_WRITER cannot wait for a genre that is not committed.
"""
