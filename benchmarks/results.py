"""The figures of a run, as data."""

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.calibration import Calibration, noise
from benchmarks.load import Load


@dataclass(frozen=True, slots=True)
class Measured:
    """A load, and the processor time (ms) of the server and of its Redis for each request."""

    load: Load
    cpu_ms: float
    redis_cpu_ms: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What a contender did in one turn of a task."""

    task: str
    contender: str
    turn: int
    measured: Measured


@dataclass(slots=True)
class Results:
    """All figures of a run; times in ms, memory in MiB."""

    machine: dict[str, str]
    packages: dict[str, str]
    calibrations: list[Calibration] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    singles: dict[str, dict[str, float]] = field(default_factory=dict)
    fill: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """Of each stage: its turns' times by the clock and by the processor, in ms."""

    def note(self, contender: str, name: str, values: list[float]) -> None:
        """Keep the median of figures that are not measured in turns."""
        self.singles.setdefault(contender, {})[name] = median(values)

    def document(self) -> dict[str, Any]:
        """Return the run as it is published."""
        return {
            "machine": self.machine,
            "packages": self.packages,
            "noise": noise(self.calibrations),
            "calibrations": [asdict(one) for one in self.calibrations],
            "singles": self.singles,
            "fill": self.fill,
            "cells": [_cell(turn) for turn in self.turns],
        }


def _cell(turn: Turn) -> dict[str, Any]:
    head = {"task": turn.task, "contender": turn.contender, "turn": turn.turn}
    return head | asdict(turn.measured)
