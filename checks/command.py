"""Runs a check as a command."""

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from local.programs import MissingProgramError


def run(findings: Callable[[Path], Iterable[object]], folder: str, description: str | None) -> int:
    """Check `folder`, or that of the command line; print the findings, return the status."""
    parser = argparse.ArgumentParser(prog=f"python -m checks.{folder}", description=description)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(folder))
    return report(partial(findings, parser.parse_args().folder))


def report(findings: Callable[[], Iterable[object]]) -> int:
    """Print each finding once; return the status."""
    try:
        found = list(dict.fromkeys(map(str, findings())))
    except MissingProgramError as error:
        found = [str(error)]
    sys.stderr.writelines(f"{finding}\n" for finding in found)
    return int(bool(found))
