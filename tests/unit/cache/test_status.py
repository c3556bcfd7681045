"""The status of every list, from a store that answers slowly."""

import asyncio

from shared.cache.list_format import ListFormat
from shared.cache.status import AT_ONCE, scope_states
from shared.cache.store import KnownVersion
from shared.repository.versions import Versions
from tests.services.long_timeouts import LONG_SECONDS
from tests.simulation.memory_store import MemoryStore
from tests.simulation.store_state import StoreState

SCOPES = {f"Pop {number}": 1 for number in range(2 * AT_ONCE)}


class Far(MemoryStore):
    """Answers when as many ask at once as may."""

    def __init__(self) -> None:
        super().__init__(StoreState(lambda: 1000.0))
        self._together = asyncio.Barrier(AT_ONCE)
        self.asking = self.most = 0

    async def known_version(self, scope: str) -> KnownVersion:
        self.asking += 1
        self.most = max(self.most, self.asking)
        await self._together.wait()
        self.asking -= 1
        return await super().known_version(scope)


async def test_some_scopes_are_asked_for_at_once_and_never_all() -> None:
    store = Far()
    async with asyncio.timeout(LONG_SECONDS):
        states = await scope_states(store, ListFormat(10), Versions("here", SCOPES))
    assert [one.scope for one in states] == sorted(SCOPES)
    assert {one.state for one in states} == {"empty"}
    assert store.most == AT_ONCE
