"""What the callers of a contender did and saw; every moment is of one monotonic clock."""

from dataclasses import dataclass, field
from itertools import count

WRITTEN = "written"
"""Begins the track_id of each record that is written during a run."""

_NUMBERS = count()


def new_track_id() -> str:
    """Return an id of 22 characters that no other record of this process has."""
    return f"{WRITTEN}{next(_NUMBERS):015d}"


@dataclass(frozen=True, slots=True)
class Read:
    """A read of a genre's list.

    `shown` has the ids of the written records in the answer, or is None if there was no list: an
    error, a timeout, a refused connection. `is_hit` is what the answer says of itself.
    """

    genre: str
    began: float
    ended: float
    shown: frozenset[str] | None
    is_hit: bool = False


@dataclass(slots=True)
class Write:
    """A POST of a record; `acknowledged` is the moment at which its 201 had arrived."""

    genre: str
    track_id: str
    acknowledged: float | None = None


@dataclass(slots=True)
class History:
    """Appended to by several threads; lists of Python allow that."""

    reads: list[Read] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
