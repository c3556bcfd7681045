"""`make check`: runs every part, side by side, and prints what is wrong.

A part that needs a program which is not installed is not run, and a line says so. With CI set that
is a failure, but for the programs that CI may lack (`Program.in_ci`).
"""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from checks.parts import PARTS, Part
from local.programs import Program


def main(parts: Sequence[Part]) -> int:
    """Return 0 if nothing is wrong."""
    absent = {program for part in parts for program in part.needs if program.missing}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        present = [part for part in parts if not absent & set(part.needs)]
        passed = [_report(done) for done in pool.map(_run, present)]
    for line in _not_run(parts, absent):
        print(line, flush=True)
    refused = [program.name for program in absent if program.in_ci and os.environ.get("CI")]
    if refused:
        print(f"CI must have {', '.join(sorted(refused))}.")
    return int(bool(refused) or not all(passed))


def _run(part: Part) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        part.command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )


def _report(done: subprocess.CompletedProcess[str]) -> bool:
    """Print the output of a failed command, below the command; return whether it passed."""
    if done.returncode:
        print(f"$ {' '.join(done.args)}\n{done.stdout}", flush=True)
    return not done.returncode


def _not_run(parts: Sequence[Part], absent: Iterable[Program]) -> Iterable[str]:
    """Yield a line for each missing program, with what it would check."""
    left_out = defaultdict(list)
    for part in parts:
        for program in part.needs:
            left_out[program].append(part.what)
    for program in sorted(absent, key=lambda program: program.name):
        yield f"NOT RUN: {', '.join(left_out[program])}: {program.missing}"


if __name__ == "__main__":
    sys.exit(main(PARTS))
