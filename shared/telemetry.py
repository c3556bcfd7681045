"""The names of our spans and metrics, all in one place, and the port through which they go.

In an exporter they stand under `smartcache.`, built as OpenTelemetry's semantic conventions have
it; an attribute for which those have a name (`http.route`) has that name.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import Any, Final, Protocol

SCOPE: Final = "smartcache"

ROUTE: Final = "http.route"
STATUS: Final = "http.response.status_code"


class _Exported(StrEnum):
    @property
    def exported(self) -> str:
        """The name under which an exporter sends it."""
        return f"{SCOPE}.{self}"


class Count(_Exported):
    """What is counted; attributes in parentheses."""

    LOGIN_REJECTED = "login.rejected"
    READ = "cache.read"  # (outcome)
    FILL = "cache.fill"
    STORE = "cache.store"  # (outcome): what became of a filled list; `older` is a lost fill
    STORE_FAILED = "cache.store.failed"
    STORE_BYPASSED = "cache.store.bypassed"
    STORE_REFUSED = "cache.store.refused"
    CIRCUIT_OPENED = "cache.circuit.opened"
    CIRCUIT_CLOSED = "cache.circuit.closed"
    PUSH = "cache.push"
    PUSH_FAILED = "cache.push.failed"
    ACK_WAITED = "cache.ack.waited"
    LEASE_POLL = "cache.lease.poll"
    LEASE_FAILED = "cache.lease.failed"
    MEMORY_EVICTED = "cache.memory.evicted"
    RESTORED = "cache.restored"
    UNREADABLE = "cache.unreadable"
    OUTCOME_UNKNOWN = "write.outcome-unknown"


class Measure(_Exported):
    """What is measured, one value at a time; rare enough for a histogram."""

    FILL_SECONDS = "cache.fill.duration"  # (stage: query, serialise, compress, store)
    FILL_BYTES = "cache.fill.size"  # (coding: identity, gzip)

    @property
    def unit(self) -> str:
        """In the notation of UCUM, as OpenTelemetry wants it."""
        return "s" if self.endswith(".duration") else "By"


class Requests(_Exported):
    """What is told of requests; attributes: (http.route, http.response.status_code, outcome)."""

    COUNT = "request.count"
    SECONDS = "request.time"  # added up
    SLOWEST = "request.time.max"  # in seconds, since the last report


class Gauge(_Exported):
    """What is read when the exporter asks."""

    MEMORY_BYTES = "cache.memory.size"
    CIRCUIT_OPEN = "cache.circuit.open"  # 1 or 0


class Span(StrEnum):
    """Our own stretches of a trace; statements and commands have those of their libraries."""

    FILL = "cache fill"
    WARM_UP = "warm up"
    WRITE = "write record"


class Events(Protocol):
    """Every method is cheap, never fails and never blocks; all are called on the event loop."""

    def count(self, event: Count, **attributes: str) -> None:
        """Add one to a counter."""
        ...

    def answered(self, seconds: float, **attributes: str) -> None:
        """A request has its answer: counted, its time added up, the slowest remembered."""
        ...

    def measure(self, measure: Measure, value: float, **attributes: str) -> None:
        """Add a value to a histogram."""
        ...

    def observe(self, gauge: Gauge, read: Callable[[], float]) -> None:
        """Have `read` called whenever the gauge's value is wanted."""
        ...

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        """A stretch of the current trace."""
        ...

    def annotate(self, **attributes: str) -> None:
        """Say more of the current stretch, where it is kept."""
        ...

    def untraced(self) -> AbstractContextManager[Any]:
        """Work that is started here leaves no spans: it belongs to no request."""
        ...


class CountedEvents:
    """Counts in the process, where nothing is exported; spans and histograms go nowhere."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, event: Count, **attributes: str) -> None:
        self.counts[".".join((event, *attributes.values()))] += 1

    def answered(self, seconds: float, **attributes: str) -> None:
        """Nobody asks."""

    def measure(self, measure: Measure, value: float, **attributes: str) -> None:
        """Nobody asks."""

    def observe(self, gauge: Gauge, read: Callable[[], float]) -> None:
        """Nobody asks."""

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        del name, attributes
        return nullcontext()

    def annotate(self, **attributes: str) -> None:
        """Nobody asks."""

    def untraced(self) -> AbstractContextManager[Any]:
        return nullcontext()
