"""Measures a fill of the list of all genres, by stage: `python -m benchmarks.fill`.

It reads the database of the settings (SQL_CONNECTION_STRING, else SQLITE_PATH), which must hold the
data set, and writes nothing.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any, Final

import sqlalchemy as sa

from shared.cache.bodies import BodyBuilder
from shared.repository.azure_sql import read_one_state
from shared.repository.engine import engine_of
from shared.repository.sql_database import CHUNK_ROWS
from shared.repository.statements import rows_of
from shared.settings import Settings
from shared.tracks.genres import ALL
from shared.tracks.track import View

TIMES: Final = 7


def main() -> None:
    settings = Settings.load()
    engine = engine_of(settings)
    rows = rows_of(ALL, View.CORE, settings.features_limit)
    with engine.connect() as connection:
        if engine.dialect.name == "mssql":
            read_one_state(connection)
        print(f"{engine.dialect.name}: median and range of {TIMES} fills, ms")
        _measure(
            "fetch, the driver's rows (chosen)", lambda: _count(_driver_rows(connection, rows))
        )
        _measure(
            "fetch, SQLAlchemy's rows",
            lambda: _count(connection.execute(rows).partitions(CHUNK_ROWS)),
        )
        _measure(
            "fetch, a dictionary per row", lambda: len(connection.execute(rows).mappings().all())
        )
        stages = [_fill(connection, rows) for _ in range(TIMES)]
    engine.dispose()
    for name, times in zip(
        ("whole fill", "serialise", "compress"), zip(*stages, strict=True), strict=True
    ):
        _print_times(name, times)


def _driver_rows(
    connection: sa.Connection, rows: sa.Select[Any]
) -> Iterator[Sequence[Sequence[Any]]]:
    """Read rows as a snapshot does."""
    result = connection.execute(rows)
    while chunk := result.cursor.fetchmany(CHUNK_ROWS):
        yield chunk
    result.close()


def _fill(connection: sa.Connection, rows: sa.Select[Any]) -> tuple[float, float, float]:
    """Return the seconds of a whole fill, and of its serialising and compressing."""
    began = perf_counter()
    builder = BodyBuilder(View.CORE.columns)
    for chunk in _driver_rows(connection, rows):
        builder.add(chunk)
    builder.finish()
    return perf_counter() - began, builder.serialising, builder.compressing


def _count(chunks: Iterator[Sequence[Any]]) -> int:
    return sum(len(chunk) for chunk in chunks)


def _measure(name: str, work: Callable[[], int]) -> None:
    times = []
    for _ in range(TIMES):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    _print_times(name, times)


def _print_times(name: str, seconds: Sequence[float]) -> None:
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    print(f"  {name:38}{middle * 1000:6.0f}   ({low * 1000:.0f} to {high * 1000:.0f})")


if __name__ == "__main__":
    main()
