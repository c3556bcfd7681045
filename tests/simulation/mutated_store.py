"""Rules of the store's two scripts, broken."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.cache.store import PutResult
from shared.repository.versions import Version
from tests.simulation.store_state import Kept, StoreState


def known_version_created_by_a_writer(patch: pytest.MonkeyPatch) -> None:
    advance = StoreState.advance

    def creating(
        self: StoreState, scope: str, version: Version, owner: str, lost: int | None
    ) -> None:
        advance(self, scope, version, owner, lost)
        if not owner:
            self.known_versions.setdefault(scope, version)

    patch.setattr(StoreState, "advance", creating)


def older_fill_keeps_its_lock(patch: pytest.MonkeyPatch) -> None:
    advance = StoreState.advance

    def sparing(
        self: StoreState, scope: str, version: Version, owner: str, lost: int | None
    ) -> None:
        lock = self.locks.get(scope)
        advance(self, scope, version, owner, lost)
        if lock is not None:
            self.locks[scope] = lock

    patch.setattr(StoreState, "advance", sparing)


def put_without_a_version_check(patch: pytest.MonkeyPatch) -> None:
    """A list gets the known version, whatever its own is: the plain SET of a cache-aside store."""

    def put(
        self: StoreState,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        ttl: float,
        **_: Any,
    ) -> PutResult:
        newest = self.known_versions.get(scope, version)
        self.lists[scope] = Kept(newest, dict(fields), self.now() + ttl)
        return PutResult.STORED

    patch.setattr(StoreState, "put", put)
