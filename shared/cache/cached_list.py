"""A list from SQL or Redis in memory, and the answer to a read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from shared.cache.bodies import Digests, ListBody
from shared.repository.versions import Version
from shared.tracks.track import View

type ListKey = tuple[str, View]
"""(scope, view)."""

type Unless = Callable[[Digests], bool]
"""Called with a list's digests: whether the caller needs no body, because it has the list."""


def never(_: Digests) -> bool:
    """For a caller who has no copy of the list."""
    return False


@dataclass(slots=True, eq=False)
class CachedList:
    """One view of a list at one version. Times are readings of the process's clock, in seconds.

    `body` is None where only the stored list's head was read. Then `length` and `packed` are the
    sizes of the body in bytes, uncompressed and as gzip. `uncompressed` is kept with a body in
    memory once a caller wanted it.
    """

    version: Version
    digests: Digests
    filled_at: float
    expires_at: float
    body: ListBody | None = field(default=None, repr=False)
    uncompressed: bytes | None = field(default=None, repr=False)
    length: int = 0
    packed: int = 0


class Outcome(StrEnum):
    """Where a list came from."""

    MEMORY = "memory"
    REDIS = "redis"
    FILLED = "filled"
    COLLAPSED = "collapsed"
    STALE = "stale"
    UNKNOWN = "unknown"


type Found = tuple[CachedList, Outcome]
"""A list, and REDIS, FILLED, or COLLAPSED for a caller who shared another one's fill."""


@dataclass(frozen=True, slots=True)
class Served:
    """The answer to a read. `cached` and `digests` are None for a genre that does not exist.

    `age` is in seconds since the fill, `remaining` until the list must be filled again; of a stale
    list `remaining` is negative: the seconds since SQL last answered. `stored` is whether a filled
    list was kept in memory.
    """

    outcome: Outcome
    scope: str = ""
    cached: CachedList | None = None
    digests: Digests | None = None
    age: float = 0.0
    remaining: float = 0.0
    stored: bool = False
