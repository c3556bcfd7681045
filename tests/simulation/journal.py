"""What happened in a run, in order: kept only when somebody wants to read it."""

from typing import Any, Protocol

from shared.telemetry import Count, CountedEvents
from tests.simulation.loop import PROCESS, SimulatedLoop


class Journal(Protocol):
    def note(self, part: str, what: str, **details: Any) -> None: ...


class Silent:
    """Keeps nothing."""

    def note(self, part: str, what: str, **details: Any) -> None:
        """Forget it."""


class Trace:
    """Keeps one line for each event: virtual seconds, instance, part, what, details."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self.lines: list[str] = []
        self._loop = loop

    def note(self, part: str, what: str, **details: Any) -> None:
        process = PROCESS.get()
        name = process.name if process else "-"
        text = " ".join(f"{key}={value!r}" for key, value in details.items())
        self.lines.append(f"{self._loop.time():11.6f} {name:2} {part:8} {what} {text}"[:300])


class TracedEvents(CountedEvents):
    """What is counted, written into the journal as well."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def count(self, event: Count, **attributes: str) -> None:
        super().count(event, **attributes)
        self._journal.note("event", event, **attributes)
