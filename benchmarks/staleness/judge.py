"""Judges reads by the promise: a record whose 201 arrived before a read began must be in it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from benchmarks.staleness.history import Read, Write

_MOMENT: Final = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`stale` reads lacked a record, the last one `longest` seconds after the record's 201.

    `failed` reads had no list at all: they are counted apart and never as stale.
    """

    reads: int = 0
    stale: int = 0
    longest: float = 0.0
    failed: int = 0

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.reads + other.reads,
            self.stale + other.stale,
            max(self.longest, other.longest),
            self.failed + other.failed,
        )


def judge(reads: Iterable[Read], writes: Iterable[Write]) -> Verdict:
    """Count the reads that lack a record which was acknowledged before they began."""
    promised = _promised(writes)
    answered, stale, failed, longest = 0, 0, 0, 0.0
    for read in reads:
        if read.shown is None:
            failed += 1
            continue
        answered += 1
        since = _oldest_missing(read, promised.get(read.genre, []))
        if since is not None:
            stale, longest = stale + 1, max(longest, read.began - since)
    return Verdict(answered, stale, longest, failed)


def _promised(writes: Iterable[Write]) -> Mapping[str, list[tuple[float, str]]]:
    """Return the acknowledged records of each genre, in the order of their 201s."""
    promised: dict[str, list[tuple[float, str]]] = {}
    for write in writes:
        if write.acknowledged is not None:
            promised.setdefault(write.genre, []).append((write.acknowledged, write.track_id))
    for records in promised.values():
        records.sort()
    return promised


def _oldest_missing(read: Read, promised: list[tuple[float, str]]) -> float | None:
    """Return when the first record that it lacks was acknowledged, or None if it lacks none.

    A record that was acknowledged at the very moment of the begin may be missing.
    """
    before = bisect_left(promised, read.began, key=_MOMENT)
    shown = read.shown or frozenset()
    return next((at for at, track_id in promised[:before] if track_id not in shown), None)
