"""One fill over all instances, by the lock L with a token.

The store may fail at any step: then the list is filled and served all the same.
"""

import asyncio
from contextlib import suppress
from typing import Final

from shared.cache.loader import Loader
from shared.cache.memory import Entry, ListKey
from shared.cache.required_version import LOCK_SECONDS, Needs, ScopeGone, Tokens, random_token
from shared.cache.served import Found, Outcome
from shared.cache.single_flight import Flight
from shared.cache.store import Store, Stored, StoreUnavailable
from shared.cache.stored_lists import Accepts, SharedCopies
from shared.errors import DatabaseUnavailable
from shared.runtime import Background, Clock
from shared.telemetry import Count, Events, Measure

WAIT_PAUSE: Final = 0.05
"""Seconds between two looks for the list that another instance is filling."""


class SharedFills:
    """Fills by the holder of L. Raises DatabaseUnavailable, ScopeGone."""

    def __init__(
        self,
        loader: Loader,
        needs: Needs,
        store: Store,
        copies: SharedCopies,
        *,
        clock: Clock,
        background: Background,
        events: Events,
        tokens: Tokens = random_token,
    ) -> None:
        self._loader = loader
        self._needs = needs
        self._store = store
        self._copies = copies
        self._clock = clock
        self._background = background
        self._events = events
        self._tokens = tokens

    async def fill(self, key: ListKey, accepts: Accepts, flight: Flight) -> Found:
        """The stored list, another instance's if it comes in time, or our own."""
        token = self._tokens()
        try:
            held, entry = await self._turn(key, accepts, token)
        except StoreUnavailable:
            held, entry = False, None
        if entry is not None:
            flight.reads(entry.version)
            return entry, Outcome.REDIS
        return await self._own(key, flight, token if held else None, renew=False)

    async def renew(
        self, key: ListKey, accepts: Accepts, flight: Flight, *, younger_than: float
    ) -> Found:
        """A list with a new life; another instance's, if it has at least `younger_than` to live."""
        token = self._tokens()
        with suppress(StoreUnavailable):
            entry = await self._copies.read(key, accepts)
            if entry is not None and entry.expires_at - self._clock() > younger_than:
                flight.reads(entry.version)
                return entry, Outcome.REDIS
            if await self._store.lock(key[0], token, LOCK_SECONDS):
                return await self._own(key, flight, token, renew=True)
        return await self.fill(key, accepts, flight)

    async def _turn(self, key: ListKey, accepts: Accepts, token: str) -> tuple[bool, Entry | None]:
        """Whether L is ours now, or the list that stands in the store, or will before that.

        (False, None) once the lock's time has passed: then fill alone, and store nothing.
        """
        give_up = self._clock() + LOCK_SECONDS
        while (entry := await self._copies.read(key, accepts)) is None:
            if await self._store.lock(key[0], token, LOCK_SECONDS):
                return await self._unless_stored(key, accepts, token)
            if self._clock() >= give_up:
                return False, None
            await asyncio.sleep(WAIT_PAUSE)
        return False, entry

    async def _unless_stored(
        self, key: ListKey, accepts: Accepts, token: str
    ) -> tuple[bool, Entry | None]:
        """L is ours; but its last holder may have stored the list between our look and our turn."""
        entry = await self._copies.read(key, accepts)
        if entry is None:
            return True, None
        await self._store.unlock(key[0], token)
        return False, entry

    async def _own(self, key: ListKey, flight: Flight, token: str | None, *, renew: bool) -> Found:
        """Fill from SQL. If `token` holds L the list is stored for all, while it is served."""
        try:
            entry = await self._loader.load(key, flight)
        except BaseException:
            await self._unlock(key[0], token)
            raise
        if token is not None:
            self._background.start(self._share(key, entry, token, renew=renew))
        return entry, Outcome.FILLED

    async def _share(self, key: ListKey, entry: Entry, token: str, *, renew: bool) -> None:
        try:
            await self._save(key, entry, renew=renew)
        finally:
            await self._unlock(key[0], token)

    async def _unlock(self, scope: str, token: str | None) -> None:
        if token is not None:
            with suppress(StoreUnavailable):
                await self._store.unlock(scope, token)

    async def _save(self, key: ListKey, entry: Entry, *, renew: bool) -> None:
        began = self._clock()
        try:
            stored = await self._copies.save(key, entry, renew=renew)
            if stored is Stored.NO_GENERATION:
                await self._needs.establish(key[0])
                stored = await self._copies.save(key, entry, renew=renew)
        except (StoreUnavailable, DatabaseUnavailable, ScopeGone):
            self._events.count(Count.STORE_FAILED)
        else:
            self._events.count(Count.STORE, outcome=stored)
            self._events.measure(Measure.FILL_SECONDS, self._clock() - began, stage="store")
