"""The statements of the catalog, in SQLAlchemy Core: the same for every database."""

from typing import Any, Final

import sqlalchemy as sa

from shared.repository.database_clock import clock_ms
from shared.repository.tables import cache_epoch, cache_version, features
from shared.repository.versions import ALL
from shared.tracks.track import COLUMNS, View

_epoch: Final = cache_epoch.c.epoch
_scope: Final = cache_version.c.scope
_version: Final = cache_version.c.version

ALL_VERSIONS: Final = sa.select(_epoch, _scope, _version).select_from(
    cache_epoch.join(cache_version, sa.true())
)
"""(epoch, scope, version), one row per scope, from one reading."""

EPOCH_AND_VERSION: Final = sa.select(_epoch, _scope, _version).select_from(
    cache_epoch.outerjoin(cache_version, _scope == sa.bindparam("scope"))
)
"""(epoch, scope, version) of one scope, or (epoch, None, None).

SQL Server ignores trailing blanks when it compares, hence the scope: it must be looked at again.
"""

EPOCH_AND_GENRE: Final = sa.select(_epoch, _scope).select_from(
    cache_epoch.outerjoin(cache_version, cache_version.c.folded == sa.bindparam("folded"))
)
"""(epoch, stored spelling or None) of a genre."""

NEW_SCOPE: Final = (
    sa.insert(cache_version)
    .values(scope=sa.bindparam("scope"), folded=sa.bindparam("folded"), version=clock_ms())
    .returning(_version)
)

RAISE_VERSION: Final = (
    sa.update(cache_version)
    .where(_scope == sa.bindparam("raised"))
    .values(version=sa.case((_version >= clock_ms(), _version + 1), else_=clock_ms()))
)
"""max(version + 1, the database's clock): a number never repeats, not even after a restore."""

VERSIONS_OF: Final = sa.select(_scope, _version).where(
    _scope.in_(sa.bindparam("scopes", expanding=True))
)
"""For what RAISE_VERSION has given: OUTPUT of Babelfish for PostgreSQL answers the value of before
its wait for the row's lock, where that differs from what it stores."""

ADD_TRACK: Final = sa.insert(features).returning(features.c.id)


def rows_of(scope: str, view: View, limit: int) -> sa.Select[Any]:
    """A list's rows, (id, then the view's columns), in id order."""
    columns = [features.c[name] for name in ("id", *view.columns)]
    rows = sa.select(*columns).order_by(features.c.id)
    return rows.limit(limit) if scope == ALL else rows.where(features.c.genre == scope)


def earlier_than(identity: int, limit: int) -> sa.Select[int]:
    """How many committed records have a smaller id; counts no further than `limit`."""
    earlier = sa.select(features.c.id).where(features.c.id < identity)
    return sa.select(sa.func.count()).select_from(
        earlier.order_by(features.c.id).limit(limit).subquery()
    )


WAIT_FOR_WRITER: Final = (
    sa.update(cache_version)
    .where(cache_version.c.folded == sa.bindparam("genre"))
    .values(version=_version)
)
"""Changes nothing, but waits for the writer who has raised this genre's version and not committed
yet. A read alone would not wait everywhere: not on a server that has no locking reads."""


def record_of(folded: str, track_id: str) -> sa.Select[Any]:
    """A record's columns, waiting on SQL Server for a transaction that is about to commit.

    Azure SQL reads the last committed state without waiting unless it is told to
    (READCOMMITTEDLOCK; Microsoft Learn: Table hints): this is for a genre not committed yet.
    """
    locking = "WITH (READCOMMITTEDLOCK)"
    genre = sa.select(_scope).where(cache_version.c.folded == folded)
    return (
        sa.select(*(features.c[name] for name in COLUMNS))
        .with_hint(features, locking, "mssql")
        .where(
            features.c.genre == genre.with_hint(cache_version, locking, "mssql").scalar_subquery(),
            features.c.track_id == track_id,
        )
    )
