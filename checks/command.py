"""Runs a check as a command."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path


def run(findings: Callable[[Path], Iterable[object]], folder: str, description: str | None) -> int:
    """Check `folder`, or that of the command line; print the findings, return the status."""
    parser = argparse.ArgumentParser(prog=f"python -m checks.{folder}", description=description)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(folder))
    found = list(findings(parser.parse_args().folder))
    sys.stderr.writelines(f"{finding}\n" for finding in found)
    return 1 if found else 0
