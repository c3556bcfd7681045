"""Processes that a test has started, and whether they have ended."""

import contextlib
import time
from collections.abc import Sequence
from typing import Final

import psutil

from tests.services.long_timeouts import LONG_SECONDS

_POLL_SECONDS: Final = 0.02


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants; nothing if it has ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def all_end(processes: Sequence[psutil.Process], seconds: float = LONG_SECONDS) -> bool:
    """Wait until all processes have ended; return whether they have, within `seconds`."""
    limit = time.monotonic() + seconds
    while not all(map(_has_ended, processes)):
        if time.monotonic() > limit:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _has_ended(process: psutil.Process) -> bool:
    """A zombie has ended, too: its parent has not read its status yet."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return True
