"""Measure how often lists are wrong: `python -m benchmarks.staleness [--short] [--publish]`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.servers import install_rivals
from benchmarks.staleness.contenders import CONTENDERS
from benchmarks.staleness.phases import PHASES
from benchmarks.staleness.report import measure_staleness
from local.programs import NGINX, REDIS, WRK

_CONTENDERS = {one.key: one for one in CONTENDERS}
_PHASES = {one.key: one for one in PHASES}


def main(
    *,
    short: Annotated[bool, typer.Option("--short", help="Short phases, few rounds.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(help=f"A contender: {', '.join(_CONTENDERS)}.")
    ] = None,
    phase: Annotated[list[str] | None, typer.Option(help=f"A phase: {', '.join(_PHASES)}.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for the JSON and the chart.")] = Path(
        ".local/benchmark"
    ),
    published: Annotated[
        bool, typer.Option("--publish", help="Also put the figures into README.md and docs/.")
    ] = False,
) -> None:
    """Let contenders go through phases of faults; write JSON and a chart."""
    console = Console(markup=False, highlight=False)
    refusals = [program.missing for program in (WRK, NGINX, REDIS) if program.missing]
    if published and (short or only or phase):
        refusals.append("only a whole run is published, without --short, --only and --phase")
    refusals += [f"there is no contender {key}" for key in only or () if key not in _CONTENDERS]
    refusals += [f"there is no phase {key}" for key in phase or () if key not in _PHASES]
    if refusals:
        console.print("Staleness cannot be measured: " + ", ".join(refusals))
        raise typer.Exit(1)
    install_rivals()
    measure_staleness(
        console,
        out,
        is_short=short,
        is_published=published,
        phases=[_PHASES[key] for key in phase or _PHASES],
        contenders=[_CONTENDERS[key] for key in only or _CONTENDERS],
    )


if __name__ == "__main__":
    typer.run(main)
