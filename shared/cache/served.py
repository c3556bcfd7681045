"""What a read answers: a list, and how it was come by."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from shared.cache.memory import Entry
from shared.repository.versions import Version

type Unless = Callable[[str], bool]
"""Told a list's digest: whether its body is not needed, for the caller has it already."""


def never(_: str) -> bool:
    """For a caller who has no copy."""
    return False


class Outcome(StrEnum):
    """Where a list came from."""

    MEMORY = "memory"
    REDIS = "redis"
    FILLED = "filled"
    COLLAPSED = "collapsed"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """What the shared store tells of a list without its body; times as an Entry's."""

    version: Version
    digest: str
    filled_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Served:
    """A list as it may be served now; `digest` is empty for a genre that does not exist.

    `entry` is None for such a genre, and for a list whose body the caller does not need. `age` is
    in seconds since the fill, `remaining` until the list must be filled again; of a stale list it
    is negative: the seconds since it was last known to be right. `stored` tells of a filled list
    whether it was kept.
    """

    outcome: Outcome
    scope: str = ""
    entry: Entry | None = None
    digest: str = ""
    age: float = 0.0
    remaining: float = 0.0
    stored: bool = False


type Found = tuple[Entry, Outcome]
"""A list, and where it was come by: REDIS, FILLED, or COLLAPSED for one who shared a fill."""
