"""Genres that the lease does not know: one may have been created elsewhere a moment ago."""

import asyncio
from typing import Final

from shared.cache.lease import Freshness, Lease
from shared.runtime import Clock

LOOKUPS_PER_SECOND: Final = 10
"""Whatever callers make up, SQL is asked no more often than this for it."""


class UnknownGenres:
    """Polls for genres that nobody has heard of: coalesced, and limited in rate."""

    def __init__(self, freshness: Freshness, clock: Clock) -> None:
        self._freshness = freshness
        self._clock = clock
        self._next_turn = float("-inf")

    async def lease(self, began: float) -> Lease:
        """A lease whose poll began after `began`, the read's begin. Raises DatabaseUnavailable."""
        pause = self._next_turn - self._clock()
        if pause > 0:
            await asyncio.sleep(pause)
        # All who waited for this turn began before it, and share its poll.
        self._next_turn = max(self._next_turn, self._clock() + 1 / LOOKUPS_PER_SECOND)
        return await self._freshness.after(began)
