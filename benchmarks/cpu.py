"""The processor time of running processes."""

import sys
import time
from collections.abc import Sequence

import psutil

_SCHEDULER_CLOCK = 2
"""CPUCLOCK_SCHED: time on a processor, in ns, of all threads (Linux, posix-timers.h)."""


def process_tree(pid: int) -> Sequence[psutil.Process]:
    """Return a process and its descendants."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """Return what these processes have used so far."""
    return sum(map(_own_seconds, processes))


def _own_seconds(process: psutil.Process) -> float:
    if sys.platform == "linux":  # psutil reads ticks of 10 ms
        return time.clock_gettime(~process.pid << 3 | _SCHEDULER_CLOCK)
    times = process.cpu_times()
    return float(times.user + times.system)
