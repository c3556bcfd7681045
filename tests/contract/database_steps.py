"""Steps that many tests of the port Database share."""

import json
from dataclasses import astuple
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from shared.repository.database import Database, Row, RowChunks
from shared.repository.load_target import StagedRow
from shared.repository.versions import Version
from shared.tracks.track import Track, View


def track(number: int = 1, genre: str = "Dance", **columns: Any) -> Track:
    """A record; its number makes its track_id."""
    values: dict[str, Any] = {
        "artist_name": "Lana Del Rey",
        "track_name": "Pretty When You Cry",
        "popularity": 60,
        "duration_ms": 234147,
    }
    return Track(genre=genre, track_id=f"{number:022}", **(values | columns))


def as_staged(*records: tuple[int, Track]) -> list[StagedRow]:
    """Records with their line numbers, as a load stages them."""
    return [(line, *astuple(record)) for line, record in records]


async def listed(
    database: Database, scope: str, view: View = View.CORE
) -> tuple[Version | None, list[tuple[Any, ...]]]:
    """A list's version and rows, (id, then the columns)."""
    async with database.snapshot(scope, view) as snapshot:
        return snapshot.version, await snapshot.read(rows_in)


def rows_in(chunks: RowChunks) -> list[tuple[Any, ...]]:
    """All rows, (id, then the columns), also of a database that makes their JSON itself."""
    return [_values(row) for chunk in chunks for row in chunk]


def _values(row: Row) -> tuple[Any, ...]:
    row_id, *values = row
    record = values[0]
    return (row_id, *(json.loads(record).values() if isinstance(record, bytes) else values))


async def track_ids(database: Database, scope: str) -> list[str]:
    _, rows = await listed(database, scope)
    return [row[4] for row in rows]


def connections_in_use(engine: sa.Engine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()
