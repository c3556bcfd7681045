"""The temporary tables of a load into SQLite, and the statements between them and the records."""

from typing import Any, Final

import sqlalchemy as sa

from shared.repository.tables import features, features_rejected
from shared.tracks.track import COLUMNS

temporary: Final = sa.MetaData(schema="temp")
"""SQLite's schema for tables of one connection: writing there takes no lock on the file."""

staged: Final = sa.Table(
    "staged",
    temporary,
    sa.Column("line", sa.Integer, primary_key=True),
    *(sa.Column(name, features.c[name].type) for name in COLUMNS),
)
matched: Final = sa.Table(
    "matched",
    temporary,
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("id", sa.Integer, nullable=False),
    sa.Column("differs", sa.Boolean, nullable=False),
)
"""The staged lines whose record is stored already, its id, and whether the line changes it."""

rejected: Final = sa.Table(
    "rejected",
    temporary,
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("reason", features_rejected.c.reason.type, nullable=False),
    sa.Column("raw", sa.UnicodeText, nullable=False),
)

_place: Final = sa.func.row_number().over(
    partition_by=(staged.c.genre, staged.c.track_id), order_by=staged.c.line
)
_ranked: Final = sa.select(staged.c.line, _place.label("place")).subquery()

DELETE_DUPLICATES: Final = (
    sa.delete(staged)
    .where(staged.c.line.in_(sa.select(_ranked.c.line).where(_ranked.c.place > 1)))
    .returning(*staged.c)
)
"""Keep the first line of each (genre, track_id), and return the others."""

RESPELL: Final = (
    sa.update(staged)
    .where(staged.c.genre == sa.bindparam("staged_as"))
    .values(genre=sa.bindparam("stored_as"))
)

FORGET_MATCHES: Final = sa.delete(matched)

FIND_MATCHES: Final = sa.insert(matched).from_select(
    ["line", "id", "differs"],
    sa.select(
        staged.c.line,
        features.c.id,
        sa.or_(*(staged.c[name].is_distinct_from(features.c[name]) for name in COLUMNS)),
    ).join_from(
        staged,
        features,
        (features.c.genre == staged.c.genre) & (features.c.track_id == staged.c.track_id),
    ),
)

_staged_with_match: Final = staged.outerjoin(matched, matched.c.line == staged.c.line)
_is_new: Final = matched.c.line.is_(None)

COUNTS: Final = (
    sa.select(
        staged.c.genre,
        sa.func.count().label("lines"),
        sa.func.count().filter(_is_new).label("inserted"),
        sa.func.count().filter(matched.c.differs).label("updated"),
    )
    .select_from(_staged_with_match)
    .group_by(staged.c.genre)
)
"""What a merge would do, one row per genre."""

LAST_STORED: Final = sa.select(sa.func.max(features.c.id))

UPDATE: Final = (
    sa.update(features)
    .values({name: staged.c[name] for name in COLUMNS})
    .where(features.c.id == matched.c.id, matched.c.differs, staged.c.line == matched.c.line)
)

INSERT: Final = sa.insert(features).from_select(
    COLUMNS,
    sa.select(*(staged.c[name] for name in COLUMNS))
    .select_from(_staged_with_match)
    .where(_is_new)
    .order_by(staged.c.line),
)
"""New records get their ids in the order of their lines."""

FIRST_UPDATED: Final = sa.select(sa.func.min(matched.c.id)).where(matched.c.differs)
FIRST_INSERTED: Final = sa.select(sa.func.min(features.c.id)).where(
    features.c.id > sa.bindparam("last")
)


def store_rejected(run_id: str) -> sa.Insert:
    """Copy the rejected lines into the table that the operator reads."""
    rows = sa.select(sa.literal(run_id), rejected.c.line, rejected.c.reason, rejected.c.raw)
    return sa.insert(features_rejected).from_select(["run_id", "line", "reason", "raw"], rows)


def with_placeholders(statement: sa.Insert, dialect: sa.Dialect) -> str:
    """The statement's text for the driver's executemany, its values in the table's order.

    Rows are passed as plain tuples: hundreds of thousands of dictionaries would cost seconds.
    """
    compiled: Any = statement.compile(dialect=dialect)
    return str(compiled)
