"""The figures of a run, as data."""

from dataclasses import dataclass, field
from statistics import median

from benchmarks.wrk import Load


@dataclass(frozen=True, slots=True)
class Cell:
    """A load on a contender; `cpu_ms` is the server's processor time per request."""

    contender: str
    task: str
    load: Load
    cpu_ms: float


@dataclass(slots=True)
class Results:
    """All figures of a run; times in ms, memory in MiB."""

    machine: dict[str, str]
    cells: list[Cell] = field(default_factory=list)
    singles: dict[str, dict[str, float]] = field(default_factory=dict)

    def note(self, contender: str, name: str, values: list[float]) -> None:
        """Keep the median of one caller's values."""
        self.singles.setdefault(contender, {})[name] = median(values)

    def p50(self, contender: str, task: str) -> float:
        """Return the median of a load by one client. Raises LookupError if it was not measured."""
        return self._by_one_client(contender, task)[0].p50

    def turns(self, contender: str, task: str) -> tuple[float, float]:
        """Return the medians of p50 and of p99 over several loads by one client."""
        loads = self._by_one_client(contender, task)
        return median(load.p50 for load in loads), median(load.p99 or 0 for load in loads)

    def _by_one_client(self, contender: str, task: str) -> list[Load]:
        wanted = (contender, task, 1)
        found = [
            cell.load
            for cell in self.cells
            if (cell.contender, cell.task, cell.load.clients) == wanted
        ]
        if not found:
            raise LookupError(wanted)
        return found
