"""From SQL to a list that can be served."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from shared.cache.bodies import ListBody, builder
from shared.cache.memory import Entry, ListKey, MemoryCopies
from shared.cache.required_version import ScopeGone
from shared.cache.rollbacks import Restores
from shared.cache.single_flight import Flight
from shared.cache.store import StoreUnavailable
from shared.repository.database import Database
from shared.runtime import Clock
from shared.telemetry import Count, Events, Measure, Span


class Loader:
    """Reads a list from SQL, serialises it, and keeps it in memory."""

    def __init__(
        self,
        database: Database,
        memory: MemoryCopies,
        restores: Restores,
        *,
        ttl: float,
        clock: Clock,
        events: Events,
    ) -> None:
        self._database = database
        self._memory = memory
        self._restores = restores
        self._ttl = ttl
        self._clock = clock
        self._events = events

    async def load(self, key: ListKey, flight: Flight) -> Entry:
        """The list as SQL has it now: version and rows of one snapshot.

        Raises DatabaseUnavailable, ScopeGone.
        """
        stages: dict[str, float] = {}
        with self._events.span(Span.FILL, scope=key[0], view=key[1]):
            entry = await self._query(key, flight, stages.__setitem__)
        stages["query"] = self._clock() - entry.filled_at - sum(stages.values())
        self._report(entry.body, stages)
        self._memory.put(key, entry)
        return entry

    def _report(self, body: ListBody, stages: Mapping[str, float]) -> None:
        for stage, seconds in stages.items():
            self._events.measure(Measure.FILL_SECONDS, seconds, stage=stage)
        self._events.measure(Measure.FILL_BYTES, body.length, coding="identity")
        self._events.measure(Measure.FILL_BYTES, len(body.gzip), coding="gzip")

    async def _query(
        self, key: ListKey, flight: Flight, spent: Callable[[str, float], None]
    ) -> Entry:
        scope, view = key
        queried_at = self._clock()
        self._events.count(Count.FILL)
        async with self._database.snapshot(scope, view) as snapshot:
            version = snapshot.version
            flight.reads(version, queried_at)
            if version is None:
                raise ScopeGone(scope)
            body = await snapshot.read(builder(view, spent))
        with suppress(StoreUnavailable):
            await self._restores.check(scope, version, queried_at)
        return Entry(version, body, queried_at, queried_at + self._ttl)
