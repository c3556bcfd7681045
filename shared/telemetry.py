"""The names of spans and metrics, and the port Events through which they are reported.

Exported names begin with `smartcache.` and follow OpenTelemetry's semantic conventions; so do the
attributes that those conventions define (`http.route`). Alerts and dashboards use these names.
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
    """Counters; their attributes, if any, in parentheses."""

    LOGIN_REJECTED = "login.rejected"  # wrong e-mail or password
    READ = "cache.read"  # (outcome) reads of lists, rebuilds and the warm-up included
    FILL = "cache.fill"  # fills that began
    STORE = "cache.store"  # (outcome) lists put into Redis; `older`: refused, a newer is known
    STORE_FAILED = "cache.store.failed"  # filled lists that could not be stored
    STORE_BYPASSED = "cache.store.bypassed"  # reads without Redis, because it was unavailable
    STORE_REFUSED = "cache.store.refused"  # commands that Redis refused: full, read-only, no right
    CIRCUIT_OPENED = "cache.circuit.opened"
    CIRCUIT_CLOSED = "cache.circuit.closed"
    PUSH = "cache.push"  # versions raised in Redis after a write
    PUSH_FAILED = "cache.push.failed"
    ACK_WAITED = "cache.ack.waited"  # writes acknowledged after every lease had ended
    LEASE_POLL = "cache.lease.poll"  # polls of the versions in SQL
    LEASE_FAILED = "cache.lease.failed"  # polls that failed
    MEMORY_EVICTED = "cache.memory.evicted"  # memory copies removed to make room
    ROLLBACK_DETECTED = "cache.restored"  # SQL went back to an older state
    LIST_UNREADABLE = "cache.unreadable"  # damaged or foreign bytes in Redis, deleted
    OUTCOME_UNKNOWN = "write.outcome-unknown"  # the connection broke during a commit


class Measure(_Exported):
    """Histograms: for what happens once a fill, not once a request."""

    FILL_SECONDS = "cache.fill.duration"  # (stage: query, serialise, compress, store)
    FILL_BYTES = "cache.fill.size"  # (coding: identity, gzip)

    @property
    def unit(self) -> str:
        """Seconds or bytes, in UCUM's notation, which OpenTelemetry uses."""
        return "s" if self.endswith(".duration") else "By"


class Requests(_Exported):
    """Figures of all requests (http.route, http.response.status_code, outcome)."""

    COUNT = "request.count"
    SECONDS = "request.time"  # the sum of all durations
    SLOWEST = "request.time.max"  # seconds of the slowest since the last report


class Gauge(_Exported):
    """Values that are read at each export."""

    MEMORY_BYTES = "cache.memory.size"
    CIRCUIT_OPEN = "cache.circuit.open"  # 1 or 0


class Span(StrEnum):
    """Our own spans; SQL statements and Redis commands get theirs from their libraries."""

    FILL = "cache fill"
    WARM_UP = "warm up"
    WRITE = "write record"


class Events(Protocol):
    """The port through which the product reports what it does.

    Every method is cheap, never fails and never blocks; all are called on the event loop.
    """

    def count(self, event: Count, **attributes: str) -> None:
        """Add one to a counter."""
        ...

    def counted(self, event: Count, **attributes: str) -> int:
        """Return how often `count` was called with these arguments in this process."""
        ...

    def answered(self, seconds: float, **attributes: str) -> None:
        """Count an answered request, add up its seconds, keep the slowest."""
        ...

    def measure(self, measure: Measure, value: float, **attributes: str) -> None:
        """Add a value to a histogram."""
        ...

    def observe(self, gauge: Gauge, read: Callable[[], float]) -> None:
        """Read the gauge's value from `read` at each export."""
        ...

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        """Record the block as a span of the current trace."""
        ...

    def annotate(self, **attributes: str) -> None:
        """Add attributes to the current span, if it is recorded."""
        ...

    def untraced(self) -> AbstractContextManager[Any]:
        """Record no spans for work that starts in the block: it belongs to no request."""
        ...


class CountedEvents:
    """Keeps counts in the process and drops the rest: for a process that exports nothing."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, event: Count, **attributes: str) -> None:
        self.counts[".".join((event, *attributes.values()))] += 1

    def counted(self, event: Count, **attributes: str) -> int:
        return self.counts[".".join((event, *attributes.values()))]

    def answered(self, seconds: float, **attributes: str) -> None:
        """Dropped."""

    def measure(self, measure: Measure, value: float, **attributes: str) -> None:
        """Dropped."""

    def observe(self, gauge: Gauge, read: Callable[[], float]) -> None:
        """Dropped."""

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        del name, attributes
        return nullcontext()

    def annotate(self, **attributes: str) -> None:
        """Dropped."""

    def untraced(self) -> AbstractContextManager[Any]:
        return nullcontext()
