"""The port Store on a StoreState, without a network: the contract suite's `memory` adapter."""

from collections.abc import Mapping, Sequence

from shared.cache.store import KnownVersion, PutResult, StoredFields, Surveyed
from shared.repository.versions import Version
from tests.simulation.store_state import StoreState


class MemoryStore:
    """A store that is always available, by one connection that is older than everything."""

    def __init__(self, state: StoreState) -> None:
        self.state = state

    async def known_version(self, scope: str) -> KnownVersion:
        return KnownVersion(self.state.known_version(scope), float("-inf"))

    async def advance(
        self, scope: str, version: Version, *, owner: str = "", lost: int | None = None
    ) -> None:
        self.state.advance(scope, version, owner, lost)

    async def fetch(
        self, scope: str, fields: Sequence[str], *, size: int = 0
    ) -> StoredFields | None:
        del size
        return self.state.fetch(scope, fields)

    async def survey(self, scopes: Sequence[str], fields: Sequence[str]) -> Sequence[Surveyed]:
        return [self.state.survey(scope, fields) for scope in scopes]

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> PutResult:
        return self.state.put(scope, version, fields, ttl, renew=renew)

    async def lock(self, scope: str, owner: str, seconds: float) -> bool:
        return self.state.lock(scope, owner, seconds)

    async def unlock(self, scope: str, owner: str) -> None:
        self.state.unlock(scope, owner)

    async def discard(self, scope: str) -> None:
        self.state.discard(scope)

    async def ping(self) -> None:
        """Always available."""

    async def close(self) -> None:
        """Nothing to close."""
