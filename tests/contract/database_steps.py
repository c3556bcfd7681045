"""Steps that many tests of the port Database share."""

from dataclasses import astuple
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from shared.repository.database import Database
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
    """A list's version and rows."""
    async with database.snapshot(scope, view) as snapshot:
        rows = await snapshot.read(lambda chunks: [tuple(row) for chunk in chunks for row in chunk])
        return snapshot.version, rows


async def track_ids(database: Database, scope: str) -> list[str]:
    _, rows = await listed(database, scope)
    return [row[4] for row in rows]


def connections_in_use(engine: sa.Engine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()
