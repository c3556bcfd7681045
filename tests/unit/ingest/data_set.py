"""Small files in the data set's format, and what a database stored of them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from shared.repository.tables import cache_version, features, features_rejected
from shared.tracks.track import COLUMNS

HEADER = ",".join(COLUMNS)
FIELDS = {
    "genre": "Dance",
    "artist_name": "Nilo Vesta",
    "track_name": "Paper Lanterns",
    "popularity": "61",
    "acousticness": "0.611",
    "danceability": "0.389",
    "duration_ms": "234147",
    "energy": "0.91",
    "instrumentalness": "0",
    "key": "C#",
    "liveness": "0.346",
    "loudness": "-1.828",
    "mode": "Major",
    "speechiness": "0.0525",
    "tempo": "166.969",
    "time_signature": "4/4",
    "valence": "0.814",
}


def line(number: int, **fields: str) -> str:
    """A line of a file; its number makes its track_id."""
    values = FIELDS | {"track_id": f"{number:022}"} | fields
    return ",".join(values[name] for name in COLUMNS)


def csv_file(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


def stored(engine: sa.Engine) -> Sequence[sa.Row[Any]]:
    """Every row of `features`, in id order."""
    with engine.connect() as connection:
        return connection.execute(sa.select(features).order_by(features.c.id)).all()


def versions(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(cache_version.c.scope, cache_version.c.version))
        return {row.scope: row.version for row in rows}


def rejects(engine: sa.Engine) -> list[tuple[int, str, str]]:
    """(line, reason, raw) of all rejected lines, by line."""
    columns = features_rejected.c
    query = sa.select(columns.line, columns.reason, columns.raw).order_by(columns.line)
    with engine.connect() as connection:
        return [(row.line, row.reason, row.raw) for row in connection.execute(query)]
