"""Who fills a list: one caller of this process for all who may share its result."""

from typing import Final

from shared.cache.loader import Loader
from shared.cache.memory import Entry, ListKey
from shared.cache.served import Found, Known, Outcome
from shared.cache.shared_fills import SharedFills
from shared.cache.single_flight import Flight, SingleFlight
from shared.cache.stored_lists import Accepts
from shared.runtime import Background, Clock

RENEWAL: Final = 0.1
"""The last part of a list's life, in which asking for it rebuilds it beside the request."""


class Fills:
    """Fills lists, one at a time for each. `shared` is None where there is no shared store."""

    def __init__(
        self,
        loader: Loader,
        shared: SharedFills | None,
        *,
        ttl: float,
        clock: Clock,
        background: Background,
    ) -> None:
        self._loader = loader
        self._shared = shared
        self._ttl = ttl
        self._clock = clock
        self._flights: SingleFlight[ListKey, Found] = SingleFlight(clock, background)

    async def fill(self, key: ListKey, accepts: Accepts) -> Found:
        """A list that is accepted, or SQL's answer to a later query; one fill for all instances.

        The stored list, if there is one by now. Raises DatabaseUnavailable, ScopeGone.
        """

        async def load(flight: Flight) -> Found:
            if self._shared is None:
                return await self._load(key, flight)
            return await self._shared.fill(key, accepts, flight)

        return _told(*await self._flights.join(key, accepts, load))

    async def fill_alone(self, key: ListKey, accepts: Accepts) -> Found:
        """Likewise without the store, while it is away or where there is none."""
        joined = self._flights.join(key, accepts, lambda flight: self._load(key, flight))
        return _told(*await joined)

    def renew_in_time(self, key: ListKey, entry: Entry | Known) -> None:
        """Rebuild a list whose life nears its end, so that no caller pays for its expiry."""
        if entry.expires_at - self._clock() > self._ttl * RENEWAL:
            return

        async def load(flight: Flight) -> Found:
            if self._shared is None:
                return await self._load(key, flight)
            margin = self._ttl * RENEWAL
            return await self._shared.renew(
                key,
                lambda version: version.satisfies(entry.version),
                flight,
                younger_than=margin,
            )

        self._flights.start(key, load)

    async def _load(self, key: ListKey, flight: Flight) -> Found:
        return await self._loader.load(key, flight), Outcome.FILLED


def _told(found: Found, joined: bool) -> Found:  # noqa: FBT001 -- the two that a join answers
    entry, outcome = found
    return entry, Outcome.COLLAPSED if joined and outcome is Outcome.FILLED else outcome
