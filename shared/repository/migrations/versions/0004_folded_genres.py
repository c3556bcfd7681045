"""Fold the stored genres as shared/tracks/genres.py does.

Loads into SQL Server folded them by T-SQL's LOWER, which knows other letters: such a genre was not
found, or stood there twice (`Straße`, `STRASSE`).
"""

import csv
import io
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.repository.database_clock import next_version
from shared.tracks.genres import fold

revision = "0004"
down_revision = "0003"

SCHEMA = "spotify"
SOURCE_COLUMNS = (
    "genre",
    "artist_name",
    "track_name",
    "track_id",
    "popularity",
    "acousticness",
    "danceability",
    "duration_ms",
    "energy",
    "instrumentalness",
    "key",
    "liveness",
    "loudness",
    "mode",
    "speechiness",
    "tempo",
    "time_signature",
    "valence",
)
RUN_ID = "revision 0004"
"""Under which features_rejected gets records that stand in both spellings of a genre."""

metadata = sa.MetaData(schema=SCHEMA)
features = sa.Table("features", metadata, *map(sa.Column, ("id", *SOURCE_COLUMNS)))
versions = sa.Table("cache_version", metadata, *map(sa.Column, ("scope", "folded", "version")))
rejected = sa.Table(
    "features_rejected", metadata, *map(sa.Column, ("run_id", "line", "reason", "raw"))
)


def upgrade() -> None:
    connection = op.get_bind()
    spellings = _spellings(connection)
    changed: set[str] = set()
    for kept, *others in spellings.values():
        for other in others:
            _move(connection, other, kept)
            changed |= {kept, "all"}
    _store_folds(connection, {kept: folded for folded, (kept, *_) in spellings.items()})
    for scope in sorted(changed, key=lambda scope: (scope == "all", scope)):
        number = next_version(versions.c.version)
        connection.execute(_row_of(scope).values(version=number))


def _spellings(connection: sa.Connection) -> Mapping[str, Sequence[str]]:
    """The stored names of each genre by their fold; first the one with the earliest record."""
    first = sa.select(features.c.genre, sa.func.min(features.c.id).label("first")).group_by(
        features.c.genre
    )
    first_ids = {row.genre: row.first for row in connection.execute(first)}
    scopes = connection.scalars(sa.select(versions.c.scope).where(versions.c.scope != "all")).all()
    spellings = defaultdict(list)
    for scope in sorted(scopes, key=lambda scope: (first_ids.get(scope, math.inf), scope)):
        spellings[fold(scope)].append(scope)
    return spellings


def _move(connection: sa.Connection, other: str, kept: str) -> None:
    """Give the records of one spelling to another, or to the rejects if it has them already."""
    of_other = features.c.genre == other
    ids = sa.select(features.c.track_id).where(features.c.genre == kept)
    is_twin = features.c.track_id.in_(ids)
    columns = [features.c[name] for name in ("id", *SOURCE_COLUMNS)]
    twins = connection.execute(sa.select(*columns).where(of_other, is_twin)).all()
    for identity, *values in twins:
        reason = "record: duplicate of an earlier line"
        reject = {"run_id": RUN_ID, "line": identity, "reason": reason, "raw": _csv(values)}
        connection.execute(sa.insert(rejected), reject)
        connection.execute(sa.delete(features).where(features.c.id == identity))
    connection.execute(sa.update(features).where(of_other).values(genre=kept))
    connection.execute(sa.delete(versions).where(versions.c.scope == other))


def _store_folds(connection: sa.Connection, folds: Mapping[str, str]) -> None:
    """Folds are unique, so each is replaced first by a text with a brace, which no fold has."""
    stored = sa.select(versions.c.scope, versions.c.folded)
    wrong = [
        scope for scope, folded in connection.execute(stored) if folds.get(scope, folded) != folded
    ]
    for scope in wrong:
        connection.execute(_row_of(scope).values(folded=f"{{{scope}"))
    for scope in wrong:
        connection.execute(_row_of(scope).values(folded=folds[scope]))


def _row_of(scope: str) -> sa.Update:
    return sa.update(versions).where(versions.c.scope == scope)


def _csv(values: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()
