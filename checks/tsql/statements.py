"""Every statement that the repository sends to Azure SQL: it is run against a recording driver."""

import asyncio
from collections.abc import Sequence
from dataclasses import astuple
from itertools import product
from typing import Final

import sqlalchemy as sa

from checks.tsql.recording import Recorder, Rows, Statement, recording_engine
from shared.repository.bulk_load_azure_sql import AzureLoad
from shared.repository.database import RowChunks
from shared.repository.schema_upgrade import upgrade
from shared.repository.sql_database import SqlDatabase
from shared.runtime import ThreadWorkers
from shared.tracks.genres import ALL
from shared.tracks.rejected import Rejected
from shared.tracks.track import Track, View

_GENRE: Final = "Pop"
_OTHER_SPELLING: Final = "POP"
_LIMIT: Final = 100_000
_TRACK: Final = Track(_GENRE, "artist", "track", "0" * 22, 1, duration_ms=1)

_ANSWERS: Final[dict[str, Rows]] = {
    "SERVERPROPERTY": [("12.0.2000.8",)],  # Azure SQL's
    "sp_getapplock": [(0,)],
    "SCHEMA_ID": [(None,)],  # an empty database
    "INFORMATION_SCHEMA": [],
    "sys.": [],
    "EXEC spotify.load_features": [(1, 1, 1)],
    "SET NOCOUNT ON": [(_GENRE, 1), (ALL, 1)],
    "OUTPUT inserted.id": [(_LIMIT + 2,)],  # what was counted, 1, does not decide about it
    "nextset": [(ALL, 1)],
    "first_line": [("reason", 1, 1)],
}


def statements() -> Sequence[Statement]:
    """Return the statements in the order in which they were sent."""
    recorder = Recorder(_ANSWERS)
    with recording_engine(recorder) as engine:
        _load(engine)
        recorder.texts = (_GENRE, _OTHER_SPELLING)
        upgrade(engine)
        asyncio.run(_serve(engine, recorder))
    return recorder.statements


def _load(engine: sa.Engine) -> None:
    for end in (AzureLoad.merge, AzureLoad.abandon):
        load = AzureLoad(engine, _LIMIT, "run")
        load.stage([(1, *astuple(_TRACK))])
        load.reject([Rejected(2, "reason", "raw")])
        end(load)


async def _serve(engine: sa.Engine, recorder: Recorder) -> None:
    threads = [ThreadWorkers(1, name) for name in ("workers", "pollers", "fillers")]
    database = SqlDatabase(engine, *threads, features_limit=_LIMIT)
    for scope, view in product((ALL, _GENRE), View):
        recorder.texts = (scope,)
        async with database.snapshot(scope, view) as snapshot:
            await snapshot.read(_all_rows)
    for genre in (_GENRE, None):  # a stored one, and a new one
        recorder.texts = (genre,)
        await database.insert(_TRACK)
    await database.versions()
    await database.find(_GENRE, _TRACK.track_id)
    await database.raise_versions([ALL])
    database.close()


def _all_rows(chunks: RowChunks) -> int:
    return sum(map(len, chunks))
