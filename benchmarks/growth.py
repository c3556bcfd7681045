"""Measures how the product scales with records and with genres: `python -m benchmarks.growth`.

Writes growth.json to the folder of the benchmark; takes ten minutes, two with --short.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import redis
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.cold_reads import Purger, cold_reads
from benchmarks.machine import description
from benchmarks.publish import publish_growth
from benchmarks.servers import product, running_redis
from benchmarks.single_caller import Caller, reads

RECORDS: Final = (10_000, 100_000, 500_000, 2_000_000)
GENRES: Final = (27, 270, 2_700)
GENRES_OF: Final = 232_725
"""Records in the data sets with more genres."""
LIMIT: Final = 100_000
"""FEATURES_LIMIT for the data sets with more genres."""

SHORT_RECORDS: Final = (10_000, 100_000)
SHORT_GENRES: Final = (27,)
GZIP: Final = {"Accept-Encoding": "gzip"}
TIMES: Final = 5
NEW_GENRE_SECONDS: Final = 0.2


@dataclass(slots=True)
class Point:
    """One size and its figures: times in ms (medians), memory in MiB, sizes in MB."""

    records: int
    genres: int
    limit: int
    figures: dict[str, float] = field(default_factory=dict)


def main(
    *,
    short: Annotated[bool, typer.Option("--short", help="Only the small sizes.")] = False,
    out: Annotated[Path, typer.Option(help="The folder for the JSON.")] = Path(".local/benchmark"),
    published: Annotated[
        bool, typer.Option("--publish", help="Also put the figures into docs/.")
    ] = False,
) -> None:
    """Measure each size; print a table."""
    console = Console(markup=False, highlight=False, width=160)
    points = [Point(rows, 27, rows) for rows in (SHORT_RECORDS if short else RECORDS)]
    points += [Point(GENRES_OF, genres, LIMIT) for genres in (SHORT_GENRES if short else GENRES)]
    for point in points:
        with console.status(f"{point.records:,} records, {point.genres:,} genres"):
            measure(point)
    _show(points, console)
    out.mkdir(parents=True, exist_ok=True)
    document = {"machine": description(), "points": [asdict(point) for point in points]}
    (out / "growth.json").write_text(json.dumps(document, indent=1) + "\n")
    console.print(f"written: {out}/growth.json")
    if published:
        publish_growth(document)


def measure(point: Point) -> None:
    """Load a data set of this size into a new database, and read it through a new Redis."""
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        environment = {
            "SQLITE_PATH": str(folder / "data.sqlite"),
            "FEATURES_LIMIT": str(point.limit),
        }
        _load(point, folder, environment)
        with running_redis(folder) as redis_url:
            _read(point, environment | {"REDIS_URL": redis_url})


def _load(point: Point, folder: Path, environment: dict[str, str]) -> None:
    sample = folder / "sample.csv"
    run = [f"--rows={point.records}", f"--genres={point.genres}"]
    _run(["local.sample_data", str(sample), *run], environment)
    _run(["shared.cli", "migrate"], environment)
    began = time.perf_counter()
    point.figures["load MiB"] = _run(["shared.cli", "load", str(sample)], environment)
    point.figures["load s"] = time.perf_counter() - began


def _run(module: list[str], environment: dict[str, str]) -> float:
    """Run a Python module; return its peak memory in MiB."""
    command = [sys.executable, "-m", *module]
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_maxrss / 1024


def _read(point: Point, environment: dict[str, str]) -> None:
    figures = point.figures
    with product(environment) as server:
        url, few = server.url, TIMES
        with closing(Purger(environment)) as purger:
            figures["cold"] = median(cold_reads(url, purger.purge, "/features", GZIP, few))
        with closing(Caller(url, GZIP)) as caller:
            caller.ms("GET", "/features")
            tag = caller.answered.headers["ETag"]
            figures["MB gzip"] = caller.length / 1e6
        figures["hit"] = median(reads(url, "/features", GZIP, few))
        known = GZIP | {"If-None-Match": tag}
        figures["304"] = median(reads(url, "/features", known, 50))
        figures["page"] = median(reads(url, "/features?limit=100", GZIP, 50))
        unknown = f"/features/custom?{urlencode({'arg': 'no such genre'})}"
        figures["unknown genre"] = median(reads(url, unknown, GZIP, few, NEW_GENRE_SECONDS))
        figures["MiB, gzip alone"] = server.peak_mib()
        figures["hit, identity"] = median(reads(url, "/features", {}, few))
        figures["MiB, identity too"] = server.peak_mib()
        figures["Redis MB"] = _redis_bytes(environment["REDIS_URL"]) / 1e6


def _redis_bytes(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        sizes: Any = [client.memory_usage(key, samples=0) for key in client.scan_iter()]
        return int(sum(sizes))


def _show(points: list[Point], console: Console) -> None:
    table = Table("records", "genres", *points[0].figures, box=None)
    for point in points:
        values = (f"{value:,.2f}" for value in point.figures.values())
        table.add_row(f"{point.records:,}", f"{point.genres:,}", *values)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
