"""One side of the race: its instances, what its callers saw, and its figures up to now."""

from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import redis

from benchmarks.staleness.history import History
from benchmarks.staleness.instances import Pair
from benchmarks.staleness.judge import Verdict, judge
from benchmarks.staleness.missing import lacking

_INFO_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of a side; `hits` is a share, `p50` in ms, both None before the first read."""

    verdict: Verdict
    hits: float | None
    p50: float | None
    acknowledged: int


class Side:
    """A contender in the race. `says_hits`: its answers say it of themselves."""

    def __init__(self, title: str, pair: Pair, *, says_hits: bool) -> None:
        self.title, self.pair = title, pair
        self.history = History()
        self._says_hits = says_hits
        self._judged, self._verdict = 0, Verdict()
        self._hits: float | None = None

    def score(self) -> Score:
        """Judge the reads since the last call; return the figures of all."""
        reads = self.history.reads[self._judged :]
        self._judged += len(reads)
        self._verdict += judge(reads, self.history.writes)
        return self._scored(self._verdict)

    def final_score(self) -> Score:
        """Judge all reads again, now that every write has ended."""
        return self._scored(judge(self.history.reads, self.history.writes))

    def lacking(self) -> int:
        """Return how many committed records are still missing in a list."""
        return len(lacking(self.pair, self.history))

    def _scored(self, verdict: Verdict) -> Score:
        reads, writes = self.history.reads[:], self.history.writes[:]
        times = [read.ended - read.began for read in reads if read.shown is not None]
        if self._says_hits:
            self._hits = sum(read.is_hit for read in reads) / max(1, len(reads))
        else:
            self._hits = _hits_in_redis(self.pair.redis.url, self._hits)
        acknowledged = sum(write.acknowledged is not None for write in writes)
        return Score(verdict, self._hits, 1000 * median(times) if times else None, acknowledged)


def _hits_in_redis(url: str, last: float | None) -> float | None:
    """Return the share of found keys that Redis has counted; the last one while it is away."""
    try:
        with redis.Redis.from_url(
            url, socket_timeout=_INFO_SECONDS, socket_connect_timeout=_INFO_SECONDS
        ) as client:
            seen: Any = client.info("stats")
    except redis.RedisError:
        return last
    found, missed = int(seen["keyspace_hits"]), int(seen["keyspace_misses"])
    return found / (found + missed) if found + missed else None
