"""From SQL to a list that can be served."""

from contextlib import suppress

from shared.catalog.bodies import builder
from shared.catalog.database import Database
from shared.catalog.memory import Entry, ListKey, MemoryCopies
from shared.catalog.needs import ScopeGone
from shared.catalog.restores import Restores
from shared.catalog.single_flight import Flight
from shared.catalog.store import StoreAway
from shared.clock import Clock
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

        Raises DatabaseAway, ScopeGone.
        """
        with self._events.span(Span.FILL, scope=key[0], view=key[1]):
            entry = await self._query(key, flight)
        self._events.measure(Measure.FILL_SECONDS, self._clock() - entry.filled_at, stage="query")
        self._events.measure(Measure.FILL_BYTES, len(entry.body.gzip))
        self._memory.put(key, entry)
        return entry

    async def _query(self, key: ListKey, flight: Flight) -> Entry:
        scope, view = key
        queried_at = self._clock()
        self._events.count(Count.FILL)
        async with self._database.snapshot(scope, view) as snapshot:
            version = snapshot.version
            flight.reads(version, queried_at)
            if version is None:
                raise ScopeGone(scope)
            body = await snapshot.read(builder(view))
        with suppress(StoreAway):
            await self._restores.check(scope, version, queried_at)
        return Entry(version, body, queried_at, queried_at + self._ttl)
