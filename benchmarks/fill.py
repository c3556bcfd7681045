"""Measures a fill of the list of all genres beside the least that it needs on this machine.

`python -m benchmarks.fill [--json]` reads the database of the settings (SQL_CONNECTION_STRING, else
SQLITE_PATH), which must hold the data set, and writes nothing. The least is the sum of what is done
once in any case: the driver fetches the rows, orjson serialises ready dictionaries, isal compresses
the bytes. The fill is the product's own. All are measured in turns.
"""

import asyncio
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated, Any, Final

import orjson
import sqlalchemy as sa
import typer
from isal import isal_zlib

from shared.cache.bodies import LEVEL, ListBody, builder
from shared.repository.azure_sql import read_one_state
from shared.repository.engine import engine_of
from shared.repository.sql_database import CHUNK_ROWS
from shared.repository.statements import rows_of
from shared.services import Services
from shared.settings import Settings
from shared.tracks.genres import ALL
from shared.tracks.track import View

TURNS: Final = 7
LIMIT: Final = ("fetch", "dumps", "compress")
ONE_CORE, TWO_CORES = "fill, one core", "fill, two cores"


@dataclass(frozen=True, slots=True)
class Times:
    """A work's times in ms, one for each turn: on the clock, and of all processors together."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, work: Callable[[], object]) -> None:
        clock, processor = perf_counter(), process_time()
        work()
        self.processor.append((process_time() - processor) * 1000)
        self.clock.append((perf_counter() - clock) * 1000)


def measured(settings: Settings, turns: int) -> dict[str, Times]:
    """Return the times of `fetch`, `dumps` and `compress`, and of the fills, measured in turns."""
    services, engine = Services(settings), engine_of(settings, 1)
    with asyncio.Runner() as runner, engine.connect() as connection:
        if engine.dialect.name == "mssql":
            read_one_state(connection)

        def fill() -> ListBody:
            return runner.run(_fill(services))

        works = _parts(connection, settings.features_limit, fill().uncompressed())
        works |= {ONE_CORE: fill, TWO_CORES: fill}
        seen = {name: Times() for name in works}
        cores = _usable_cores()
        for _ in range(turns):
            for name, work in works.items():
                _bind_threads(cores[:2] if name == TWO_CORES else cores[:1])
                seen[name].add(work)
        _bind_threads(cores)
        runner.run(services.close())
    engine.dispose()
    return seen


def _parts(
    connection: sa.Connection, features_limit: int, body: bytes
) -> dict[str, Callable[[], object]]:
    rows = rows_of(ALL, View.CORE, features_limit)
    names = View.CORE.columns
    records = [
        [dict(zip(names, row[1:], strict=True)) for row in chunk]
        for chunk in _chunks(connection, rows)
    ]
    return {
        "fetch": lambda: sum(map(len, _chunks(connection, rows))),
        "dumps": lambda: sum(map(len, map(orjson.dumps, records))),
        "compress": lambda: isal_zlib.compress(body, LEVEL),
    }


def _chunks(connection: sa.Connection, rows: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    result = connection.execute(rows)
    while chunk := result.cursor.fetchmany(CHUNK_ROWS):
        yield chunk
    result.close()


async def _fill(services: Services) -> ListBody:
    """Fill as the cache does."""
    async with services.database.snapshot(ALL, View.CORE) as snapshot:
        return await snapshot.read(builder(View.CORE))


def _usable_cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


def _bind_threads(cores: Sequence[int]) -> None:
    """Bind every thread to these cores; a new thread inherits it. Only Linux can."""
    if sys.platform == "linux":
        for thread in Path("/proc/self/task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


def main(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the times of every turn.")] = False,
) -> None:
    """Print medians, their range, and the fills as parts of the sum."""
    seen = measured(Settings.load(), TURNS)
    if as_json:
        print(json.dumps({name: asdict(times) for name, times in seen.items()}))
        return
    for line in chain(_table(seen, "clock"), _table(seen, "processor")):
        print(line)


def _table(seen: Mapping[str, Times], kind: str) -> Iterator[str]:
    times: dict[str, list[float]] = {name: getattr(one, kind) for name, one in seen.items()}
    parts = [times[name] for name in LIMIT]
    least = sum(map(statistics.median, parts))
    yield f"{kind}: median and range of {len(parts[0])} turns, ms"
    for name, values in times.items():
        if name == ONE_CORE:
            yield f"  {'sum':18}{least:6.0f}"
        share = "" if name in LIMIT else f"   {statistics.median(values) / least:.2f} of the sum"
        spread = f"({min(values):.0f} to {max(values):.0f})"
        yield f"  {name:18}{statistics.median(values):6.0f}   {spread:16}{share}".rstrip()


if __name__ == "__main__":
    typer.run(main)
