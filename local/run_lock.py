"""One run in a directory at a time: two would share a database but no Redis.

Two locks: `main.lock` is held by a run's own process until it begins to stop, `run.lock` by that
process and all that it started, until the last of them has ended. The kernel frees both.
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

MOMENT_SECONDS = 2.0
"""For a run that has just been told to stop."""

LOOK_SECONDS = 0.2
"""For a CLI that looks whether somebody holds the lock."""

ENDING_SECONDS = 12.0
"""For what a killed run started: the kernel has told it to end."""

POLL_SECONDS = 0.05


@contextmanager
def only_run(directory: Path, running: ExitStack, console: Console) -> Iterator[None]:
    """Let nothing but this run, and what `running` stops, be in the directory.

    Raises StartError while another run goes on. Waits for one that ends or was killed.
    """
    directory.mkdir(exist_ok=True)
    with (directory / MAIN_LOCK).open("a") as main:
        if not _taken(main, MOMENT_SECONDS):
            raise StartError("`make run` already runs in this directory: stop it first")
        _wait_for_the_last(running.enter_context((directory / RUN_LOCK).open("a")), console)
        yield


def _wait_for_the_last(lock: IO[str], console: Console) -> None:
    if not _taken(lock, LOOK_SECONDS):
        console.print("Waiting for the run before to end ...")
        if not _taken(lock, ENDING_SECONDS):
            _kill_holders(Path(lock.name))
            if not _taken(lock, ENDING_SECONDS):
                raise StartError(
                    f"The run before does not end: `lsof {lock.name}` lists what is left"
                )
    os.set_inheritable(lock.fileno(), True)  # each Child then holds it too


def _taken(lock: IO[str], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() > limit:
            return False
        time.sleep(POLL_SECONDS)


def _kill_holders(lock: Path) -> None:
    """End what did not hear SIGTERM; found by the lock that it holds, where there is /proc."""
    for opened in Path("/proc").glob("[0-9]*/fd/*"):
        pid = int(opened.parts[2])
        with suppress(OSError):
            about = opened.parents[1] / "fdinfo" / opened.name
            if opened.samefile(lock) and "FLOCK" in about.read_text("utf-8") and pid != os.getpid():
                os.kill(pid, signal.SIGKILL)
