"""`run_cli`: runs `python -m shared.cli` in a process of its own, without the time for imports.

A fork server imports all modules once, and forks for each command.
"""

import multiprocessing
import os
import pkgutil
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import shared

SECONDS: Final = 300
_processes: Final = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [__name__, *(found.name for found in pkgutil.walk_packages(shared.__path__, "shared."))]
)


def run_cli(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command; return its status and output. Raises TimeoutExpired."""
    with TemporaryDirectory() as scratch:
        out, err = Path(scratch, "stdout"), Path(scratch, "stderr")
        process = _processes.Process(target=_command, args=(arguments, cwd, dict(env), out, err))
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), SECONDS)
        return subprocess.CompletedProcess(
            list(arguments), process.exitcode, out.read_text("utf-8"), err.read_text("utf-8")
        )


def _command(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str], out: Path, err: Path
) -> None:
    """Run the CLI in the forked process, with these files as its output."""
    for path, number in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["shared.cli", *arguments]
    warnings.simplefilter("error")
    # The process ends with its connection to Redis open: the app never closes one.
    warnings.simplefilter("ignore", ResourceWarning)
    from shared.cli.__main__ import main

    sys.exit(main())
