"""Allows one `make run` in a directory at a time: two would share a database but no Redis.

There are two file locks, which the kernel frees when their holders end. `main.lock` is held by the
run's own process until it begins to stop. `run.lock` is held by that process and all that it
started, until the last of them has ended.
"""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from rich.console import Console

from local.process import StartError

MAIN_LOCK, RUN_LOCK = "main.lock", "run.lock"

STOPPING_SECONDS = 2.0
"""Time for a run that is just stopping to free `main.lock`."""

CLI_SECONDS = 0.2
"""Time for a CLI that tests whether the lock is held, and holds it for a moment to do so."""

ENDING_SECONDS = 12.0
"""Time for the children of a killed run to end; the kernel has sent them SIGTERM."""

POLL_SECONDS = 0.05


@contextmanager
def only_run(directory: Path, running: ExitStack, console: Console) -> Iterator[None]:
    """Hold both locks: `main.lock` for the block, `run.lock` until `running` is closed.

    Waits for an earlier run that is stopping or was killed. Raises StartError while another runs.
    """
    directory.mkdir(exist_ok=True)
    with (directory / MAIN_LOCK).open("a") as main:
        if not _acquired(main, STOPPING_SECONDS):
            raise StartError("`make run` already runs in this directory: stop it first")
        _wait_for_run_lock(running.enter_context((directory / RUN_LOCK).open("a")), console)
        yield


def _wait_for_run_lock(lock: IO[str], console: Console) -> None:
    if not _acquired(lock, CLI_SECONDS):
        console.print("Waiting for the previous run to end ...")
        if not _acquired(lock, ENDING_SECONDS):
            _kill_holders(Path(lock.name))
            if not _acquired(lock, ENDING_SECONDS):
                raise StartError(
                    f"The previous run does not end: `lsof {lock.name}` lists its processes"
                )
    os.set_inheritable(lock.fileno(), True)  # so that each Child holds the lock, too


def _acquired(lock: IO[str], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() > limit:
            return False
        time.sleep(POLL_SECONDS)


def _kill_holders(lock: Path) -> None:
    """Kill the processes that hold the lock, where /proc shows which they are."""
    for opened in Path("/proc").glob("[0-9]*/fd/*"):
        pid = int(opened.parts[2])
        with suppress(OSError):
            about = opened.parents[1] / "fdinfo" / opened.name
            if opened.samefile(lock) and "FLOCK" in about.read_text("utf-8") and pid != os.getpid():
                os.kill(pid, signal.SIGKILL)
