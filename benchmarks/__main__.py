"""Run the benchmark: `python -m benchmarks [--short]`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import chart, report
from benchmarks.machine import description
from benchmarks.plan import FULL, SHORT, Benchmark
from benchmarks.publish import publish
from benchmarks.results import Results
from benchmarks.servers import install_rivals, running_redis
from benchmarks.staleness.report import measure_staleness
from local.hosted import REPOSITORY
from local.programs import NGINX, REDIS, WRK

DATABASE = REPOSITORY / ".local" / "benchmark.sqlite"
SAMPLE = REPOSITORY / ".local" / "SpotifyFeatures-sample.csv"


def main(
    *,
    short: Annotated[bool, typer.Option("--short", help="Two minutes instead of ten.")] = False,
    out: Annotated[Path, typer.Option(help="The folder for the JSON and the chart.")] = Path(
        ".local/benchmark"
    ),
    published: Annotated[
        bool, typer.Option("--publish", help="Also put the figures into README.md and docs/.")
    ] = False,
) -> None:
    """Measure the product and its rivals; print tables, write JSON and a chart."""
    console = Console(markup=False, highlight=False)
    if missing := [program.missing for program in (WRK, NGINX, REDIS) if program.missing]:
        console.print("The benchmark cannot run: " + ", ".join(missing))
        raise typer.Exit(1)
    install_rivals()
    _load_data()
    results = Results(description())
    with TemporaryDirectory() as directory, running_redis(Path(directory)) as redis_url:
        benchmark = Benchmark(SHORT if short else FULL, DATABASE, redis_url, results)
        for name, measure in benchmark.steps():
            with console.status(f"measuring {name}"):
                measure()
    report.show(results, console)
    out.mkdir(parents=True, exist_ok=True)
    document, picture = report.as_json(results), chart.draw(results)
    (out / "benchmark.json").write_text(document)
    (out / "benchmark.svg").write_text(picture)
    console.print(f"written: {out}/benchmark.json, {out}/benchmark.svg")
    measure_staleness(console, out, is_short=short, is_published=published)
    if published:
        publish(json.loads(document), picture)


def _load_data() -> None:
    """Load the whole data set into a new database, which the benchmark also writes to."""
    environment = {**os.environ, "SQLITE_PATH": str(DATABASE)}
    DATABASE.parent.mkdir(exist_ok=True)
    DATABASE.unlink(missing_ok=True)
    steps = [["local.sample_data", str(SAMPLE)]] if not SAMPLE.is_file() else []
    steps += [["shared.cli", "migrate"], ["shared.cli", "load", str(SAMPLE)]]
    for step in steps:
        command = [sys.executable, "-m", *step]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    typer.run(main)
