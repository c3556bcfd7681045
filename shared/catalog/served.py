"""What a read answers: a list, and how it was come by."""

from dataclasses import dataclass
from enum import StrEnum

from shared.catalog.memory import Entry


class Outcome(StrEnum):
    """Where a list came from."""

    MEMORY = "memory"
    REDIS = "redis"
    FILLED = "filled"
    COLLAPSED = "collapsed"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Served:
    """A list as it may be served now; `entry` is None for a genre that does not exist.

    `age` is in seconds since the fill, `remaining` until the list must be filled again; of a stale
    list it is negative: the seconds since it was last known to be right.
    """

    outcome: Outcome
    scope: str = ""
    entry: Entry | None = None
    age: float = 0.0
    remaining: float = 0.0
