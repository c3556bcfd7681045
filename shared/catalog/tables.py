"""The tables, as SQLAlchemy Core sees them. The migrations create them; a test compares the two.

On SQL Server they live in the schema `spotify`; on SQLite, which has no schemas, the engine maps
that name away.
"""

from typing import Final

import sqlalchemy as sa

from shared.catalog.genres import MAX_GENRE_LENGTH

SCHEMA: Final = "spotify"
MAX_ARTIST_LENGTH: Final = 500
MAX_TITLE_LENGTH: Final = 1000
TRACK_ID_LENGTH: Final = 22

metadata: Final = sa.MetaData(schema=SCHEMA)


def _text(length: int) -> sa.Unicode:
    return sa.Unicode(length)


def _feature(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(53))


features: Final = sa.Table(
    "features",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("genre", _text(MAX_GENRE_LENGTH), nullable=False),
    sa.Column("artist_name", _text(MAX_ARTIST_LENGTH), nullable=False),
    sa.Column("track_name", _text(MAX_TITLE_LENGTH), nullable=False),
    sa.Column("track_id", _text(TRACK_ID_LENGTH), nullable=False),
    sa.Column("popularity", sa.Integer, nullable=False),
    _feature("acousticness"),
    _feature("danceability"),
    sa.Column("duration_ms", sa.Integer, nullable=False),
    _feature("energy"),
    _feature("instrumentalness"),
    sa.Column("key", _text(2)),
    _feature("liveness"),
    _feature("loudness"),
    sa.Column("mode", _text(5)),
    _feature("speechiness"),
    _feature("tempo"),
    sa.Column("time_signature", _text(3)),
    _feature("valence"),
    sa.Column(
        "created_at", sa.DateTime, nullable=False, server_default=sa.func.current_timestamp()
    ),
    sa.UniqueConstraint("genre", "track_id", name="uq_features_genre_track_id"),
    sa.Index("ix_features_genre_id", "genre", "id"),
)

cache_version: Final = sa.Table(
    "cache_version",
    metadata,
    sa.Column("scope", _text(MAX_GENRE_LENGTH), primary_key=True),
    # fold(scope): two spellings of one genre cannot both become scopes, whoever creates them.
    sa.Column("folded", _text(3 * MAX_GENRE_LENGTH), nullable=False, unique=True),
    sa.Column("version", sa.BigInteger, nullable=False),
)

cache_epoch: Final = sa.Table(
    "cache_epoch",
    metadata,
    sa.Column("epoch", _text(32), primary_key=True),
)

_STAGED_TEXT: Final = 4000

features_staging: Final = sa.Table(
    "features_staging",
    metadata,
    sa.Column("run_id", _text(64), primary_key=True),
    sa.Column("line", sa.BigInteger, primary_key=True),
)

features_rejected: Final = sa.Table(
    "features_rejected",
    metadata,
    sa.Column("run_id", _text(64), primary_key=True),
    sa.Column("line", sa.BigInteger, primary_key=True),
    sa.Column("reason", _text(200), nullable=False),
    sa.Column("raw", sa.UnicodeText, nullable=False),
)
