"""The status of the cache: every list, and what this process holds; for operators.

The fields of these classes are the names in the JSON of `/cache/status` and of `status --json`.
Seconds count from when the status was read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.cache.cached_list import CachedList, Outcome
from shared.cache.circuit_breaker import CircuitBreaker
from shared.cache.lease import Leases
from shared.cache.list_format import ListFormat
from shared.cache.list_states import (
    InRedis,
    ScopeState,
    State,
    all_first,
    compared,
    in_redis,
)
from shared.cache.memory import MemoryCopies
from shared.cache.single_flight import ANY_TIME, NextRun
from shared.cache.store import NoStore, Store, StoreUnavailable
from shared.errors import DatabaseUnavailable
from shared.repository.versions import Versions
from shared.runtime import Runtime
from shared.telemetry import Count

SHARED_SECONDS: Final = 1.0
"""How long all callers get the lists that were read last: a bound on what callers can cost."""

_HITS: Final = (Outcome.MEMORY, Outcome.REDIS)
_NOTHING: Final = Versions("", {})
_READS: Final = tuple(outcome for outcome in Outcome if outcome is not Outcome.UNKNOWN)


class Reachable(StrEnum):
    """Whether a service answers."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    NOT_USED = "not used"


@dataclass(frozen=True, slots=True)
class Size:
    """One view of a list: its records, and its bytes by encoding."""

    records: int
    uncompressed_bytes: int
    gzip_bytes: int


@dataclass(frozen=True, slots=True)
class StoredList:
    """A list in Redis: its version, its age and life left, and the size of each view."""

    version: int
    age_seconds: float
    seconds_left: float
    views: Mapping[str, Size]


@dataclass(frozen=True, slots=True)
class MemoryCopy:
    """One view of a list in the memory of this process."""

    version: int
    age_seconds: float
    seconds_left: float
    size: Size


type Copies = Mapping[str, MemoryCopy]
"""By view."""


@dataclass(frozen=True, slots=True)
class ListStatus:
    """A list: its version in SQL, its known version and stored list in Redis, its memory copies.

    `state` compares the stored list with SQL: `fresh` is served as it is; `stale`, `empty` and
    `unreadable` are filled by the next read. Without Redis it is null, and so is what Redis has.
    """

    scope: str
    state: State | None
    version: int
    known_version: int | None
    stored_list: StoredList | None
    memory_copies: Copies


@dataclass(frozen=True, slots=True)
class Lists:
    """Every list, `all` first. While SQL is unavailable, versions are those of its last answer."""

    sql: Reachable
    redis: Reachable
    epoch: str
    lists: list[ListStatus]


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """The memory copies of this process: their number and bytes, and how many bytes may be."""

    copies: int
    bytes: int
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class LeaseStatus:
    """The lease of this process: a read after its end polls SQL first."""

    epoch: str
    lease_seconds: float
    age_seconds: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class CircuitStatus:
    """The circuit breaker of this process: `open` while Redis is unavailable."""

    state: str
    changed_seconds_ago: float


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """This process. `reads` counts reads of lists since its start, by where the list came from.

    `hit_ratio` is the share of `memory` and `redis` among them, null before the first read. `lease`
    is null before the first poll, `circuit` where Redis is not used.
    """

    memory: MemoryUse
    reads: Mapping[str, int]
    hit_ratio: float | None
    lease: LeaseStatus | None
    circuit: CircuitStatus | None


class CacheStatus:
    """Reads the status. Nothing raises: what is unavailable is said to be so."""

    def __init__(
        self,
        store: Store,
        leases: Leases,
        memory: MemoryCopies,
        list_format: ListFormat,
        *,
        ttl: float,
        runtime: Runtime,
    ) -> None:
        self._store = store
        self._leases = leases
        self._memory = memory
        self._format = list_format
        self._ttl = ttl
        self._clock = runtime.clock
        self._events = runtime.events
        self._reads: NextRun[None, Lists] = NextRun(self._read, runtime)
        self._last: tuple[float, Lists] | None = None

    async def lists(self) -> Lists:
        """Return every list; callers within SHARED_SECONDS get the same answer."""
        if self._last is not None and self._clock() - self._last[0] < SHARED_SECONDS:
            return self._last[1]
        return await self._reads.ask(None, after=ANY_TIME)

    def process(self) -> ProcessStatus:
        """Return what this process holds; it asks nobody."""
        reads = {
            str(outcome): self._events.counted(Count.READ, outcome=outcome) for outcome in _READS
        }
        hits, total = sum(reads[outcome] for outcome in _HITS), sum(reads.values())
        return ProcessStatus(
            MemoryUse(len(self._memory), self._memory.bytes, self._memory.limit),
            reads,
            round(hits / total, 4) if total else None,
            self._lease(),
            self._circuit(),
        )

    async def _read(self, _: None) -> Lists:
        """Read Redis, then SQL: a version in Redis that is newer was then lost in a rollback."""
        scopes = await self._scopes()
        redis, found = await self._in_redis(scopes)
        sql, versions = await self._in_sql()
        lists = Lists(sql, redis, versions.epoch, self._compared(versions, found))
        self._last = self._clock(), lists
        return lists

    async def _scopes(self) -> Iterable[str]:
        """Return the lists that SQL has, none while it has not answered yet."""
        with suppress(DatabaseUnavailable):
            await self._leases.valid_for(self._clock())
        return () if self._leases.last is None else self._leases.last.versions.numbers

    async def _in_redis(self, scopes: Iterable[str]) -> tuple[Reachable, Mapping[str, InRedis]]:
        if isinstance(self._store, NoStore):
            return Reachable.NOT_USED, {}
        try:
            # First one command alone: while Redis does not answer, nothing else is sent to it.
            await self._store.ping()
            return Reachable.AVAILABLE, await in_redis(self._store, self._format, scopes)
        except StoreUnavailable:
            return Reachable.UNAVAILABLE, {}

    async def _in_sql(self) -> tuple[Reachable, Versions]:
        """Return the versions that SQL has now, or had when it answered last."""
        try:
            return Reachable.AVAILABLE, (await self._leases.after(self._clock())).versions
        except DatabaseUnavailable:
            last = self._leases.last
            return Reachable.UNAVAILABLE, _NOTHING if last is None else last.versions

    def _compared(self, versions: Versions, found: Mapping[str, InRedis]) -> list[ListStatus]:
        copies = self._memory_copies()
        if found:
            return [self._list(state, copies) for state in compared(found, versions)]
        return [
            ListStatus(scope, None, versions.numbers[scope], None, None, copies.get(scope, {}))
            for scope in all_first(versions.numbers)
        ]

    def _list(self, found: ScopeState, copies: Mapping[str, Copies]) -> ListStatus:
        known = found.in_redis.known
        return ListStatus(
            found.scope,
            found.state,
            found.in_sql.number,
            None if known is None else known.number,
            self._stored_list(found.in_redis),
            copies.get(found.scope, {}),
        )

    def _stored_list(self, found: InRedis) -> StoredList | None:
        if found.stored is None:
            return None
        views = {
            str(view): Size(head.records, head.length, head.packed)
            for view, head in found.heads.items()
        }
        age = max(0.0, self._ttl - found.remaining)
        return StoredList(found.stored.number, round(age, 1), round(found.remaining, 1), views)

    def _memory_copies(self) -> Mapping[str, Copies]:
        now = self._clock()
        copies: defaultdict[str, dict[str, MemoryCopy]] = defaultdict(dict)
        for (scope, view), cached in self._memory:
            copies[scope][str(view)] = _memory_copy(cached, now)
        return copies

    def _lease(self) -> LeaseStatus | None:
        lease, now = self._leases.last, self._clock()
        if lease is None:
            return None
        age = now - lease.began
        left = max(0.0, self._leases.seconds - age)
        epoch, seconds = lease.versions.epoch, self._leases.seconds
        return LeaseStatus(epoch, seconds, round(age, 3), round(left, 3))

    def _circuit(self) -> CircuitStatus | None:
        circuit = self._store
        if not isinstance(circuit, CircuitBreaker):
            return None
        state = "open" if circuit.is_open else "closed"
        return CircuitStatus(state, round(self._clock() - circuit.changed_at, 1))


def _memory_copy(cached: CachedList, now: float) -> MemoryCopy:
    body = cached.body
    size = Size(0, 0, 0) if body is None else Size(body.rows, body.length, len(body.gzip))
    left = max(0.0, cached.expires_at - now)
    return MemoryCopy(cached.version.number, round(now - cached.filled_at, 1), round(left, 1), size)
