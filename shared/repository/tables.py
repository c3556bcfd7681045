"""The tables in SQLAlchemy Core. The migrations create them, and a test compares the two.

On SQL Server they are in the schema `spotify`; for SQLite, which has no schemas, the engine drops
that name.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from shared.tracks.columns import Column, Kind, Real, Whole
from shared.tracks.genres import MAX_GENRE_LENGTH
from shared.tracks.track import COLUMNS, CORE_COLUMNS, TRACK_COLUMNS

SCHEMA: Final = "spotify"
MAX_STAGED_LENGTH: Final = 4000

BINARY_COLLATION: Final = "Latin1_General_100_BIN2"
"""Makes SQL Server compare text by code units, as SQLite and Redis do: `Pop` is not `pop`."""

metadata: Final = sa.MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    },
)


def text(length: int) -> sa.types.TypeEngine[str]:
    """Text of at most `length` characters. SQL Server counts UTF-16 units: an emoji has two."""
    wide = mssql.NVARCHAR(min(2 * length, MAX_STAGED_LENGTH), collation=BINARY_COLLATION)
    return sa.Unicode(length).with_variant(wide, "mssql")


def _column(column: Column) -> sa.Column[Any]:
    return sa.Column(column.name, _type(column.kind), nullable=not column.is_required)


def _type(kind: Kind) -> sa.types.TypeEngine[Any]:
    match kind:
        case Whole():
            return sa.Integer()
        case Real():
            return sa.Float(53)
        case _:
            return text(kind.max_length)


def _staged(name: str) -> sa.Column[Any]:
    return sa.Column(name, text(MAX_STAGED_LENGTH))


features: Final = sa.Table(
    "features",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    *map(_column, TRACK_COLUMNS),
    sa.Column(
        "created_at", sa.DateTime, nullable=False, server_default=sa.func.current_timestamp()
    ),
    sa.UniqueConstraint("genre", "track_id"),
    # A genre's list in id order is one range of this index. It covers the core view on SQL Server;
    # SQLite looks each record up by its rowid, in rowid order.
    sa.Index(
        "ix_features_genre_id",
        "genre",
        "id",
        mssql_include=[name for name in CORE_COLUMNS if name != "genre"],
    ),
)

cache_version: Final = sa.Table(
    "cache_version",
    metadata,
    sa.Column("scope", text(MAX_GENRE_LENGTH), primary_key=True),
    # fold(scope): unique, so that two spellings of one genre cannot both become scopes.
    sa.Column("folded", text(3 * MAX_GENRE_LENGTH), nullable=False, unique=True),
    sa.Column("version", sa.BigInteger, nullable=False),
)

cache_epoch: Final = sa.Table(
    "cache_epoch",
    metadata,
    sa.Column("epoch", text(32), primary_key=True),
)

features_counted: Final = sa.Table(
    "features_counted",
    metadata,
    # One row: `records` records had an id of at most `last_id` when they were counted.
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("last_id", sa.BigInteger, primary_key=True, autoincrement=False),
)

features_staging: Final = sa.Table(
    "features_staging",
    metadata,
    # `line` decides which of two records is the first. Data Factory's Copy cannot number records:
    # `line` is NULL if the file has no such column, and `arrival` must do. In a record that is too
    # short the missing columns are NULL.
    sa.Column("arrival", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("run_id", text(64), nullable=False),
    sa.Column("line", sa.BigInteger),
    *(_staged(name) for name in COLUMNS),
    # NULL on SQLite, where loads are staged in temporary tables.
    sa.Column("staged_at", sa.DateTime),
    sa.Index("ix_features_staging_run_id_arrival", "run_id", "arrival"),
)

features_rejected: Final = sa.Table(
    "features_rejected",
    metadata,
    sa.Column("run_id", text(64), primary_key=True),
    sa.Column("line", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("reason", text(200), nullable=False),
    sa.Column("raw", sa.UnicodeText, nullable=False),
)
