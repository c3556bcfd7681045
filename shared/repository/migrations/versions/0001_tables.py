"""The tables, the epoch of this database, and the version of the list of all genres."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mssql

from shared.repository.database_clock import clock_ms

revision = "0001"
down_revision = None

SCHEMA = "spotify"
FEATURES = (
    "acousticness",
    "danceability",
    "energy",
    "instrumentalness",
    "liveness",
    "loudness",
    "speechiness",
    "tempo",
    "valence",
)
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


def upgrade() -> None:
    _features()
    _versions()
    _loads()


def _features() -> None:
    op.create_table(
        "features",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        *(_feature_column(name) for name in SOURCE_COLUMNS),
        sa.Column(
            "created_at", sa.DateTime, nullable=False, server_default=sa.func.current_timestamp()
        ),
        sa.PrimaryKeyConstraint("id", name="pk_features"),
        sa.UniqueConstraint("genre", "track_id", name="uq_features_genre_track_id"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_features_genre_id",
        "features",
        ["genre", "id"],
        schema=SCHEMA,
        mssql_include=["artist_name", "track_name", "track_id", "popularity", "duration_ms"],
    )


def _feature_column(name: str) -> sa.Column[Any]:
    if name in FEATURES:
        return sa.Column(name, sa.Float(53))
    if name in {"popularity", "duration_ms"}:
        return sa.Column(name, sa.Integer, nullable=False)
    required = {"genre": 100, "artist_name": 500, "track_name": 1000, "track_id": 22}
    optional = {"key": 2, "mode": 5, "time_signature": 3}
    return sa.Column(name, _text((required | optional)[name]), nullable=name in optional)


def _versions() -> None:
    epochs = op.create_table(
        "cache_epoch",
        sa.Column("epoch", _text(32), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name="pk_cache_epoch"),
        schema=SCHEMA,
    )
    versions = op.create_table(
        "cache_version",
        sa.Column("scope", _text(100), nullable=False),
        sa.Column("folded", _text(300), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_cache_version"),
        sa.UniqueConstraint("folded", name="uq_cache_version_folded"),
        schema=SCHEMA,
    )
    op.execute(epochs.insert().values(epoch=secrets.token_hex(16)))
    op.execute(versions.insert().values(scope="all", folded="all", version=clock_ms()))


def _loads() -> None:
    op.create_table(
        "features_staging",
        sa.Column(
            "arrival", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
        ),
        sa.Column("run_id", _text(64), nullable=False),
        sa.Column("line", sa.BigInteger),
        *(sa.Column(name, _text(4000)) for name in SOURCE_COLUMNS),
        sa.PrimaryKeyConstraint("arrival", name="pk_features_staging"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_features_staging_run_id_arrival",
        "features_staging",
        ["run_id", "arrival"],
        schema=SCHEMA,
    )
    op.create_table(
        "features_rejected",
        sa.Column("run_id", _text(64), nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("reason", _text(200), nullable=False),
        sa.Column("raw", sa.UnicodeText, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "line", name="pk_features_rejected"),
        schema=SCHEMA,
    )


def _text(length: int) -> sa.types.TypeEngine[str]:
    wide = mssql.NVARCHAR(min(2 * length, 4000), collation="Latin1_General_100_BIN2")
    return sa.Unicode(length).with_variant(wide, "mssql")
