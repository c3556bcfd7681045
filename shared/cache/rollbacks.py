"""When SQL goes back: a restored database must not be overruled by lists of what it lost.

A hit never asks SQL after it has read G, so without this a list of lost records would live until
its TTL.
"""

from shared.cache.memory import MemoryCopies
from shared.cache.seen import Seen
from shared.cache.store import Store
from shared.repository.versions import Version
from shared.runtime import Clock
from shared.telemetry import Count, Events


class Restores:
    """Learns every version that passes by, and drops what a later query proves to be lost."""

    def __init__(
        self, memory: MemoryCopies, store: Store | None, *, clock: Clock, events: Events
    ) -> None:
        self._memory = memory
        self._store = store
        self._clock = clock
        self._events = events
        self._seen = Seen()

    def learn(self, scope: str, version: Version) -> None:
        """Note a version that G, a stored list or a finished query just showed."""
        self._seen.learn(scope, version, self._clock())

    async def check(self, scope: str, version: Version, began: float, *, token: str = "") -> bool:
        """Whether what a query begun at `began` read proves that SQL went back; then clear up.

        Raises StoreUnavailable when the store could not be told; the next reader tells it again.
        """
        lost = self._seen.lost(scope, version, began)
        if lost is None:
            self.learn(scope, version)
            return False
        self._events.count(Count.ROLLBACK_DETECTED)
        self._memory.drop(scope, lambda copy: _between(version, copy, lost))
        if self._store is not None:
            await self._store.advance(scope, version, token=token, void=lost)
        self._seen.accept(scope, version, self._clock())
        return True


def _between(version: Version, copy: Version, lost: int) -> bool:
    return copy.epoch == version.epoch and version.number < copy.number <= lost
