"""A store in memory whose every command can be made to fail, or to take its time."""

import asyncio

from shared.cache.store import KnownVersion
from shared.repository.versions import Version
from tests.simulation.memory_store import MemoryStore
from tests.simulation.store_state import StoreState
from tests.unit.cache.virtual_time import now


class FaultyStore(MemoryStore):
    """`fault` is raised after `seconds`; `calls` are the moments at which commands arrived."""

    def __init__(self, *, seconds: float = 0.001, fault: Exception | None = None) -> None:
        super().__init__(StoreState(now))
        self.seconds, self.fault = seconds, fault
        self.calls: list[float] = []
        self.faulty_scopes = {"Pop", "all", "ping"}

    async def known_version(self, scope: str) -> KnownVersion:
        await self._arrive(scope)
        return await super().known_version(scope)

    async def advance(
        self, scope: str, version: Version, *, owner: str = "", lost: int | None = None
    ) -> None:
        await self._arrive(scope)
        await super().advance(scope, version, owner=owner, lost=lost)

    async def ping(self) -> None:
        await self._arrive("ping")

    async def _arrive(self, scope: str) -> None:
        self.calls.append(now())
        fault = self.fault if scope in self.faulty_scopes else None
        await asyncio.sleep(self.seconds)
        if fault is not None:
            raise fault
