"""The temporary tables of a load into SQLite, and the statements between them and the records."""

from typing import Any, Final

import sqlalchemy as sa

from shared.repository.tables import features, features_rejected
from shared.tracks.track import COLUMNS

temporary: Final = sa.MetaData(schema="temp")
"""SQLite's name for what belongs to one connection: writing there takes no lock on the file."""

staged: Final = sa.Table(
    "staged",
    temporary,
    sa.Column("line", sa.Integer, primary_key=True),
    *(sa.Column(name, features.c[name].type) for name in COLUMNS),
)
met: Final = sa.Table(
    "met",
    temporary,
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("id", sa.Integer, nullable=False),
    sa.Column("differs", sa.Boolean, nullable=False),
)
"""The staged lines whose record is stored already, and whether they would change it."""

refused: Final = sa.Table(
    "refused",
    temporary,
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("reason", features_rejected.c.reason.type, nullable=False),
    sa.Column("raw", sa.UnicodeText, nullable=False),
)

STAGE: Final = sa.insert(staged)

_place: Final = sa.func.row_number().over(
    partition_by=(staged.c.genre, staged.c.track_id), order_by=staged.c.line
)
_ranked: Final = sa.select(staged.c.line, _place.label("place")).subquery()

DROP_REPEATS: Final = (
    sa.delete(staged)
    .where(staged.c.line.in_(sa.select(_ranked.c.line).where(_ranked.c.place > 1)))
    .returning(*staged.c)
)
"""Keep the first line of each (genre, track_id); answer the others whole."""

RESPELL: Final = (
    sa.update(staged)
    .where(staged.c.genre == sa.bindparam("ours"))
    .values(genre=sa.bindparam("stored"))
)

FORGET_MET: Final = sa.delete(met)

MEET: Final = sa.insert(met).from_select(
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

_staged_or_met: Final = staged.outerjoin(met, met.c.line == staged.c.line)
_new: Final = met.c.line.is_(None)

COUNTS: Final = (
    sa.select(
        staged.c.genre,
        sa.func.count().label("lines"),
        sa.func.count().filter(_new).label("inserted"),
        sa.func.count().filter(met.c.differs).label("updated"),
    )
    .select_from(_staged_or_met)
    .group_by(staged.c.genre)
)

FIRST_CHANGED: Final = sa.select(sa.func.min(met.c.id)).where(met.c.differs)
LAST_STORED: Final = sa.select(sa.func.max(features.c.id))
FIRST_ADDED: Final = sa.select(sa.func.min(features.c.id)).where(
    features.c.id > sa.bindparam("last")
)

ADD: Final = sa.insert(features).from_select(
    COLUMNS,
    sa.select(*(staged.c[name] for name in COLUMNS))
    .select_from(_staged_or_met)
    .where(_new)
    .order_by(staged.c.line),
)
"""New records get their ids in the order of their lines."""

CHANGE: Final = (
    sa.update(features)
    .values({name: staged.c[name] for name in COLUMNS})
    .where(features.c.id == met.c.id, met.c.differs, staged.c.line == met.c.line)
)


def keep_refused(run_id: str) -> sa.Insert:
    rows = sa.select(sa.literal(run_id), refused.c.line, refused.c.reason, refused.c.raw)
    return sa.insert(features_rejected).from_select(["run_id", "line", "reason", "raw"], rows)


def placeholders(statement: sa.Insert, dialect: sa.Dialect) -> str:
    """The statement's text for the driver's executemany, its values in the table's order.

    Rows go to it as plain tuples: hundreds of thousands of dictionaries would cost seconds.
    """
    compiled: Any = statement.compile(dialect=dialect)
    return str(compiled)
