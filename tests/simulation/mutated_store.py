"""Rules of the store's two scripts, broken."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.cache.store import Stored
from shared.repository.versions import Version
from tests.simulation.store_state import Kept, StoreState


def generation_created_by_a_writer(patch: pytest.MonkeyPatch) -> None:
    advance = StoreState.advance

    def creating(
        self: StoreState, scope: str, version: Version, token: str, void: int | None
    ) -> None:
        advance(self, scope, version, token, void)
        if not token:
            self.newest_known.setdefault(scope, version)

    patch.setattr(StoreState, "advance", creating)


def older_fill_keeps_its_lock(patch: pytest.MonkeyPatch) -> None:
    advance = StoreState.advance

    def sparing(
        self: StoreState, scope: str, version: Version, token: str, void: int | None
    ) -> None:
        lock = self.locks.get(scope)
        advance(self, scope, version, token, void)
        if lock is not None:
            self.locks[scope] = lock

    patch.setattr(StoreState, "advance", sparing)


def put_without_a_version_check(patch: pytest.MonkeyPatch) -> None:
    """A list is taken for as new as G says, whatever it is: a cache-aside store's plain SET."""

    def put(
        self: StoreState,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        ttl: float,
        **_: Any,
    ) -> Stored:
        newest = self.newest_known.get(scope, version)
        self.lists[scope] = Kept(newest, dict(fields), self.now() + ttl)
        return Stored.STORED

    patch.setattr(StoreState, "put", put)
