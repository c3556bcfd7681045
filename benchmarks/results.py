"""What was measured, as data."""

from dataclasses import dataclass, field
from statistics import median

from benchmarks.wrk import Load


@dataclass(frozen=True, slots=True)
class Cell:
    """One contender doing one thing. `cpu_ms` is the server's time per request."""

    contender: str
    task: str
    load: Load
    cpu_ms: float


@dataclass(slots=True)
class Results:
    """Everything of one run; times in ms, memory in MiB."""

    machine: dict[str, str]
    cells: list[Cell] = field(default_factory=list)
    singles: dict[str, dict[str, float]] = field(default_factory=dict)

    def note(self, contender: str, name: str, values: list[float]) -> None:
        """Keep the median of what one caller saw."""
        self.singles.setdefault(contender, {})[name] = median(values)

    def p50(self, contender: str, task: str, clients: int = 1) -> float:
        return self.cell(contender, task, clients).load.p50

    def cell(self, contender: str, task: str, clients: int = 1) -> Cell:
        """Raises LookupError for what was not measured."""
        for cell in self.cells:
            if (cell.contender, cell.task, cell.load.clients) == (contender, task, clients):
                return cell
        raise LookupError((contender, task, clients))
