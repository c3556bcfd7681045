"""A phase under way: a pair of instances, its callers, and how rounds begin and end."""

import time
from dataclasses import dataclass, field

from benchmarks.staleness.callers import Callers, Ticker
from benchmarks.staleness.history import History
from benchmarks.staleness.instances import Instance, Pair
from benchmarks.staleness.missing import lacking

WRITE_EVERY = 0.1
TURNS = 3
"""Reads of each reader before the writes of a round, which bring its list into the cache, and after
them."""

QUIET_SECONDS = 1.0
"""How long a list is left alone before it counts as wrong until the next write."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of a phase, of its fault, and of the silence after it; how often rounds repeat."""

    seconds: float
    fault_from: float
    fault_until: float
    silence: float
    pairs: int
    deaths: int
    kills: int


FULL = Timing(10, 3, 6, silence=20, pairs=60, deaths=5, kills=15)
SHORT = Timing(2.5, 0.5, 1.5, silence=3, pairs=10, deaths=1, kills=2)


@dataclass
class Stage:
    """What a phase works with; `wrong_until_write` are the records that only a write has mended."""

    pair: Pair
    callers: Callers
    history: History
    timing: Timing
    genres: list[str]
    empties_every_list: bool = False
    rounds: int = 0
    wrong_until_write: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)

    def wait_until(self, second: float) -> None:
        """Wait until this second of the phase."""
        time.sleep(max(0.0, self.began + second - time.monotonic()))

    def writing(self, *instances: Instance) -> Ticker:
        """Write at these instances in turn, until the block ends."""
        return Ticker(self.callers, instances, WRITE_EVERY)

    def new_round(self) -> str:
        """Let the readers read a list of its own until it is in the cache; return its genre."""
        self.rounds += 1
        self.callers.genre = genre = self.genres[self.rounds % len(self.genres)]
        self.callers.take_turns(TURNS)
        return genre

    def end_round(self, genre: str) -> None:
        """Let the readers read on; judge the list now if the next round's write would mend it."""
        self.callers.take_turns(TURNS)
        if self.empties_every_list and self.lacking(genre):
            time.sleep(QUIET_SECONDS)
            self.wrong_until_write |= self.lacking(genre)

    def lacking(self, genre: str | None = None) -> set[str]:
        """Return the committed records, of one genre or all, that some instance's list lacks."""
        return lacking(self.pair, self.history, genre)
