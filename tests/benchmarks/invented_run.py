"""Documents of runs that never took place."""

from collections.abc import Sequence
from typing import Any

from benchmarks.calibration import Calibration
from benchmarks.load import load_of
from benchmarks.results import Measured, Results, Turn


def calibrations(
    *, waiting: Sequence[float] = (1.0,) * 20, cpu_ms: Sequence[float] = (15.0,) * 20
) -> list[Calibration]:
    """Calibrations by wall-clock over processor time, and by processor time."""
    return [
        Calibration("a task", cpu * share, cpu) for share, cpu in zip(waiting, cpu_ms, strict=True)
    ]


def run(turns: Sequence[tuple[str, str, float, float]], **noise: Sequence[float]) -> dict[str, Any]:
    """The document of turns by one client: task, contender, processor time and p50 in ms."""
    results = Results({"cpu": "invented"}, {"cashews": "1.0"}, calibrations(**noise))
    for task, contender, cpu_ms, p50 in turns:
        measured = Measured(load_of([p50]), cpu_ms, cpu_ms / 10)
        results.turns.append(Turn(task, contender, len(results.turns), measured))
    return results.document()
