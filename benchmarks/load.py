"""What callers saw of a load."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

ENOUGH_FOR_P99 = 1000


@dataclass(frozen=True, slots=True)
class Load:
    """A load's figures, times in ms. `generator` is the share of a core that wrk used."""

    clients: int
    requests: int
    per_second: float
    p50: float
    p95: float
    p99: float | None
    slowest: float
    bytes_per_answer: float
    errors: int
    generator: float


def load_of(
    times: Sequence[float], *, clients: int = 1, seconds: float | None = None, size: int = 0
) -> Load:
    """Return the load of a few calls by their times (ms); all answers have `size` bytes."""
    ordered = sorted(times)
    return Load(
        clients=clients,
        requests=len(times),
        per_second=len(times) / (seconds or sum(times) / 1000),
        p50=median(times),
        p95=ordered[math.ceil(0.95 * len(times)) - 1],
        p99=None,
        slowest=ordered[-1],
        bytes_per_answer=size,
        errors=0,
        generator=0,
    )
