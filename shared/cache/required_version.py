"""Which version a reader needs: the greater of what the lease and what G say.

G is the shared store's newest known version of a scope, raised by every writer. The lease is
SQL's word. A write that could not reach the store is found by the lease, one that the lease
cannot know yet is found by G.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from shared.cache.lease import Freshness, Lease
from shared.cache.rollbacks import Restores
from shared.cache.store import Store, StoreUnavailable
from shared.repository.versions import Version
from shared.runtime import Clock

LOCK_SECONDS: Final = 5.0
"""Life of L: what a filler that dies can cost the others, at most."""

type Tokens = Callable[[], str]


def random_token() -> str:
    return secrets.token_hex(16)


class ScopeGone(Exception):
    """The database has no such scope (any more): its list is empty."""


def version_in(lease: Lease, scope: str) -> Version:
    """The scope's version in the lease. Raises ScopeGone."""
    version = lease.versions.of(scope)
    if version is None:
        raise ScopeGone(scope)
    return version


class Needs:
    """Steps 1 to 3 of a read. Raises StoreUnavailable, DatabaseUnavailable, ScopeGone."""

    def __init__(
        self,
        freshness: Freshness,
        store: Store,
        restores: Restores,
        *,
        clock: Clock,
        tokens: Tokens = random_token,
    ) -> None:
        self._freshness = freshness
        self._store = store
        self._restores = restores
        self._clock = clock
        self._tokens = tokens

    async def of(self, scope: str, began: float) -> Version:
        """The version that a read begun at `began` needs."""
        lease = await self._freshness.serving(began)
        generation = await self._store.newest(scope)
        if lease.began <= generation.connected_at:
            # What was pushed to a store that forgot it on its way back is known to SQL alone.
            lease = await self._freshness.after(generation.connected_at)
        newest = generation.version
        if newest is None or newest.epoch != lease.versions.epoch:
            return await self.establish(scope)
        known = version_in(lease, scope)
        self._restores.learn(scope, newest)
        if await self._restores.check(scope, known, lease.began):
            return known
        if known.number > newest.number:
            await self._store.advance(scope, known)
            return known
        return newest

    async def establish(self, scope: str) -> Version:
        """Create a missing G from SQL, holding L; without L, SQL's version is what is needed.

        L is taken first and SQL asked after: a G created from an older number could let an old
        list pass for a new one.
        """
        token = self._tokens()
        held = await self._store.lock(scope, token, LOCK_SECONDS)
        try:
            lease = await self._freshness.after(self._clock())
            known = version_in(lease, scope)
            await self._restores.check(scope, known, lease.began, token=token if held else "")
            if held:
                await self._store.advance(scope, known, token=token)
        finally:
            if held:
                with suppress(StoreUnavailable):
                    await self._store.unlock(scope, token)
        return known
