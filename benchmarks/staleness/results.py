"""The figures of a run, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

type Document = Mapping[str, Any]
"""A run as its JSON has it: `machine`, `versions`, `timing` and `rows`."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was counted for one contender in one phase; `longest` and `expires_in` in seconds.

    `stays`: lists, of one for each round, that still lack an acknowledged record after the silence.
    `never_shown`: records that are committed, were not acknowledged, and are still in no list then.
    `expires_in`: the time that the first key in Redis has left to live at that moment.
    """

    contender: str
    phase: str
    reads: int
    stale: int
    longest: float
    rounds: int
    stays: int
    never_shown: int
    expires_in: int | None
    acknowledged: int
    lost: int
    failed_reads: int
    failed_writes: int


def rows(document: Document) -> dict[tuple[str, str], Row]:
    """Return the rows of a run by phase and contender."""
    every = [Row(**row) for row in document["rows"]]
    return {(row.phase, row.contender): row for row in every}


def share(stale: int, reads: int) -> str:
    """Return stale reads in percent, and 0 only if there is none."""
    if not stale:
        return "0"
    percent = 100 * stale / max(1, reads)
    return "< 0.1 %" if percent < 0.1 else f"{percent:.1f} %"
