"""Clocks, passed in wherever time decides something, so that tests own the time."""

import time
from collections.abc import Callable

type Clock = Callable[[], float]
"""Seconds since some fixed moment; never goes back, and counts while the machine sleeps."""

_CLOCK_ID = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boottime() -> float:
    """CLOCK_BOOTTIME in seconds: a suspended instance must not believe that no time passed."""
    return time.clock_gettime(_CLOCK_ID)
