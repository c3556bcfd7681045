"""Run the benchmark: `python -m benchmarks [--short]`."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks import chart, report
from benchmarks.calibration import calibrate, noise
from benchmarks.document import ratios
from benchmarks.machine import description, rivals_versions
from benchmarks.parts import PARTS, Run
from benchmarks.publish import publish
from benchmarks.results import Results
from benchmarks.servers import install_rivals
from benchmarks.staleness.report import measure_staleness
from benchmarks.tasks import FULL, SHORT, Plan
from local.hosted import REPOSITORY
from local.programs import NGINX, REDIS, WRK

DATABASE = REPOSITORY / ".local" / "benchmark.sqlite"
SAMPLE = REPOSITORY / ".local" / "SpotifyFeatures-sample.csv"


def main(
    *,
    short: Annotated[bool, typer.Option("--short", help="Seven minutes instead of 30.")] = False,
    out: Annotated[Path, typer.Option(help="The folder for the JSON and the chart.")] = Path(
        ".local/benchmark"
    ),
    published: Annotated[
        bool, typer.Option("--publish", help="Also put the figures into README.md and docs/.")
    ] = False,
) -> None:
    """Measure the product and its rivals; print tables, write JSON and a chart."""
    console = Console(markup=False, highlight=False)
    _refuse_if_unusable(console, is_published=published, is_short=short)
    install_rivals()
    _load_data()
    document = _measure(SHORT if short else FULL, console)
    report.show(document, console)
    out.mkdir(parents=True, exist_ok=True)
    (out / "benchmark.json").write_text(json.dumps(document, indent=1) + "\n")
    (out / "benchmark.svg").write_text(chart.draw(document))
    console.print(f"written: {out}/benchmark.json, {out}/benchmark.svg")
    if published and not document["noise"]:
        publish(document)
    measure_staleness(console, out, is_short=short, is_published=published)
    if document["noise"]:
        console.print(document["noise"])
        raise typer.Exit(int(published))


def _refuse_if_unusable(console: Console, *, is_published: bool, is_short: bool) -> None:
    """End if a program is missing, or if what is wanted could not be published."""
    refusals = [program.missing for program in (WRK, NGINX, REDIS) if program.missing]
    if is_published and is_short:
        refusals.append("only a whole run is published, without --short")
    if is_published and (reason := noise([calibrate("the run")])):
        refusals.append(reason)
    if refusals:
        console.print("The benchmark cannot run: " + ", ".join(refusals))
        raise typer.Exit(1)


def _measure(plan: Plan, console: Console) -> dict[str, Any]:
    results = Results(description(), rivals_versions())
    with console.status("starting the contenders") as status:
        run = Run(plan, DATABASE, results, lambda what: status.update(f"measuring {what}"))
        for part in PARTS:
            part(run)
    results.calibrations.append(calibrate("the end"))
    document = results.document()
    return document | {"ratios": [asdict(ratio) for ratio in ratios(document)]}


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
