"""The port Store on a StoreState, without a network: the contract suite's `memory` adapter."""

from collections.abc import Mapping, Sequence

from shared.cache.store import Copy, Generation, Stored
from shared.repository.versions import Version
from tests.simulation.store_state import StoreState


class MemoryStore:
    """A store that is always there; its one connection was made before everything."""

    def __init__(self, state: StoreState) -> None:
        self.state = state

    async def newest(self, scope: str) -> Generation:
        return Generation(self.state.newest(scope), float("-inf"))

    async def advance(
        self, scope: str, version: Version, *, token: str = "", void: int | None = None
    ) -> None:
        self.state.advance(scope, version, token, void)

    async def fetch(self, scope: str, fields: Sequence[str], *, size: int = 0) -> Copy | None:
        del size
        return self.state.fetch(scope, fields)

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> Stored:
        return self.state.put(scope, version, fields, ttl, renew=renew)

    async def lock(self, scope: str, token: str, seconds: float) -> bool:
        return self.state.lock(scope, token, seconds)

    async def unlock(self, scope: str, token: str) -> None:
        self.state.unlock(scope, token)

    async def discard(self, scope: str) -> None:
        self.state.discard(scope)

    async def ping(self) -> None:
        """There is nobody to lose."""

    async def close(self) -> None:
        """There is nothing to close."""
