"""Genres that the lease does not know: another instance may have created one a moment ago."""

import asyncio
from typing import Final

from shared.cache.lease import Lease, Leases
from shared.runtime import Clock

LOOKUPS_PER_SECOND: Final = 10
"""SQL is polled for unknown genres no more often, whatever names callers send (rule 28)."""


class UnknownGenres:
    """Polls SQL for unknown genres: shared by all callers, and limited in rate."""

    def __init__(self, leases: Leases, clock: Clock) -> None:
        self._leases = leases
        self._clock = clock
        self._next_turn = float("-inf")

    async def lease(self, began: float) -> Lease:
        """Return a lease whose poll began after `began`. Raises DatabaseUnavailable."""
        pause = self._next_turn - self._clock()
        if pause > 0:
            await asyncio.sleep(pause)
        # All who waited for this turn began before it, and share its poll.
        self._next_turn = max(self._next_turn, self._clock() + 1 / LOOKUPS_PER_SECOND)
        return await self._leases.after(began)
