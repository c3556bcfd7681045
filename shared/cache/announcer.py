"""When a committed write may be acknowledged: when no instance can serve a list without it."""

import asyncio
from collections.abc import Sequence

from shared.cache.store import Store, StoreUnavailable
from shared.repository.versions import Version
from shared.runtime import Clock
from shared.telemetry import Count, Events

type ScopeVersions = Sequence[tuple[str, Version]]


def acknowledgement_delay(trust: float) -> float:
    """Seconds after a commit at which every lease that does not know it has ended.

    More than Δ: a reader may trust for Δ a poll that began just before the commit.
    """
    return trust + max(0.05, 0.05 * trust)


class Announcer:
    """Pushes new versions to the shared store, or waits until every reader asks SQL again."""

    def __init__(
        self,
        store: Store | None,
        *,
        trust: float,
        strict: bool,
        clock: Clock,
        events: Events,
    ) -> None:
        self._store = store
        self._delay = acknowledgement_delay(trust)
        self._strict = strict
        self._clock = clock
        self._events = events

    async def announce(self, versions: ScopeVersions | None, committed_at: float) -> None:
        """Return when the write may be acknowledged; never fails.

        `committed_at` is the clock's reading after the reply to the commit; `versions` is None
        when they could not be read back.
        """
        if self._store is None:
            return
        if await self._pushed(self._store, versions) and not self._strict:
            return
        self._events.count(Count.ACK_WAITED)
        await self._until(committed_at + self._delay)

    async def _until(self, moment: float) -> None:
        """Sleep past `moment`: by our clock, which is not the one that the event loop sleeps by."""
        while (left := moment - self._clock()) >= 0:  # noqa: ASYNC110 -- time is what it waits for
            await asyncio.sleep(left)

    async def _pushed(self, store: Store, versions: ScopeVersions | None) -> bool:
        if versions is None:
            return False
        return all(await asyncio.gather(*(self._push(store, *version) for version in versions)))

    async def _push(self, store: Store, scope: str, version: Version) -> bool:
        for _ in range(2):
            try:
                await store.advance(scope, version)
            except StoreUnavailable:
                self._events.count(Count.PUSH_FAILED)
            else:
                self._events.count(Count.PUSH)
                return True
        return False
