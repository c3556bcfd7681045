"""What happens in one run, written down before it starts: it can be cut down and repeated."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.tracks.track import View

QUIET_SECONDS: Final = 8.0
"""After the last fault: long enough for every lock, circuit and timeout of the faults to end."""


class Kind(StrEnum):
    """What an action is; those from PAUSE on are faults."""

    READ = "read"
    WRITE = "write"
    LOAD = "load"
    LOAD_ASIDE = "load around the API"
    PURGE = "purge"
    PAUSE = "pause"
    KILL = "kill"
    STORE = "store health"
    STORE_LINK = "store link health"
    STORE_LOSS = "store link loses messages"
    STORE_SLOW = "store link is slow"
    STORE_WIPE = "store wiped"
    STORE_RESTART = "store restarted empty"
    STORE_RECONNECT = "store restarted with its data"
    STORE_SAVE = "store replicated"
    STORE_FAIL_OVER = "store failed over to its replica"
    STORE_FORGET = "store went back behind living connections"
    STORE_SPLIT = "store's old primary still reached"
    STORE_CORRUPT = "store corrupted"
    STORE_EVICT = "store evicted"
    SQL_LINK = "SQL link health"
    SQL_BREAKS = "commits break off"
    SQL_SLOW = "SQL is slow"
    SQL_LOCK = "SQL row locked"
    SQL_CLOCK_BACK = "SQL clock set back"
    SQL_SAVE = "SQL backed up"
    SQL_RESTORE = "SQL restored from its backup"
    SQL_REPLACE = "SQL replaced by another database"


@dataclass(frozen=True, slots=True)
class Action:
    """One action: when (virtual seconds), on which instance (-1: all), for how long.

    `then` are reads that begin when the caller of a write was told that its record is stored; their
    `at` counts from there.
    """

    at: float
    kind: Kind
    instance: int = 0
    scope: str = ""
    view: View = View.CORE
    seconds: float = 0.0
    value: str = ""
    then: "tuple[Action, ...]" = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions of one run, and the settings under which they happen.

    `prompt` is how many seconds a list from memory may take at most, where a plan says so.
    """

    seed: int
    family: str
    lease_seconds: float = 1.0
    ttl: float = 1000.0
    limit: int = 100
    memory_bytes: int = 1_000_000
    strict: bool = False
    rebuild: bool = False
    store: bool = True
    instances: int = 3
    stale_if_error: float = 600.0
    slow_chance: float = 0.05
    store_slow: float = 0.02
    sql_slow: float = 0.1
    prompt: float = float("inf")
    actions: tuple[Action, ...] = ()

    @property
    def end(self) -> float:
        """When the last fault is over."""
        return max((action.at + action.seconds for action in self.actions), default=0.0)
