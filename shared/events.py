"""What happened, counted: the port through which every part reports, and its in-process form."""

from collections import Counter
from typing import Protocol


class Events(Protocol):
    def count(self, event: str, **attributes: str) -> None:
        """Add one to a counter; cheap, never fails, never blocks."""
        ...


class CountedEvents:
    """Counts in the process, for `/api/health`, tests and wherever no exporter is wanted."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, event: str, **attributes: str) -> None:
        self.counts[".".join((event, *attributes.values()))] += 1
