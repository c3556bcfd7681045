"""A fixed computation, timed again and again: whether the machine was quiet enough to publish."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.machine import SERVER_CORE, on_core

ROUNDS: Final = 9
STEPS: Final = 400_000
"""Additions of a round: about 20 ms."""

WAIT_BOUND: Final = 1.15
"""Wall-clock time of a calibration over its processor time: what is above 1 is waiting."""

SPEED_BOUND: Final = 1.25
"""The processor time of a slow calibration over that of a quick one."""

OUTLIERS: Final = 0.1
"""The share of calibrations at each end that a bound does not look at."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """One calibration: the medians of its rounds, in ms of wall-clock and of processor time."""

    before: str
    """What was measured next."""
    wall_ms: float
    cpu_ms: float

    @property
    def waiting(self) -> float:
        return self.wall_ms / self.cpu_ms


def calibrate(before: str) -> Calibration:
    """Time the computation on the core of the servers, which must be idle."""
    with on_core(SERVER_CORE):
        rounds = [_round() for _ in range(ROUNDS)]
    walls, cpus = zip(*rounds, strict=True)
    return Calibration(before, median(walls), median(cpus))


def noise(calibrations: Sequence[Calibration]) -> str:
    """Return why a run is too noisy to publish, in a sentence, or an empty text."""
    waiting = _percentile([one.waiting for one in calibrations], 1 - OUTLIERS)
    if waiting > WAIT_BOUND:
        return (
            f"The run is too noisy to publish: a fixed computation took {waiting:.2f} times its "
            f"processor time (at most {WAIT_BOUND}), so other programs used the machine."
        )
    cpus = [one.cpu_ms for one in calibrations]
    spread = _percentile(cpus, 1 - OUTLIERS) / _percentile(cpus, OUTLIERS)
    if spread > SPEED_BOUND:
        return (
            f"The run is too noisy to publish: the processor time of a fixed computation changed "
            f"by a factor of {spread:.2f} (at most {SPEED_BOUND}), so the machine's speed changed."
        )
    return ""


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))]


def _round() -> tuple[float, float]:
    """Return the ms of wall-clock and of processor time."""
    wall, cpu, total = time.perf_counter(), time.thread_time(), 0
    for step in range(STEPS):
        total += step
    return (time.perf_counter() - wall) * 1000, (time.thread_time() - cpu) * 1000
