"""Whether SQL and Redis can be used, for `/api/health`."""

import asyncio
from dataclasses import dataclass
from typing import Final

from shared.cache.single_flight import NextRun
from shared.cache.store import NoStore, Store, StoreUnavailable
from shared.errors import DatabaseUnavailable
from shared.repository.database import Database
from shared.runtime import Runtime

TIMEOUT_SECONDS: Final = 2.0
"""Waiting longer for SQL counts as down."""


@dataclass(frozen=True, slots=True)
class State:
    """`sql_down`: why SQL cannot be used, None if it can. `redis`: `up`, `down` or `not used`."""

    sql_down: str | None
    redis: str


class Health:
    """Checks SQL and Redis. All callers that ask before a check begins share it."""

    def __init__(self, database: Database, store: Store, runtime: Runtime) -> None:
        self._database, self._store = database, store
        self._checks: NextRun[None, State] = NextRun(self._check, runtime)

    async def state(self) -> State:
        """Return the result of a check that began after this call."""
        return await self._checks.ask(None)

    async def _check(self, _: None) -> State:
        return State(*await asyncio.gather(self._sql_down(), self._redis()))

    async def _sql_down(self) -> str | None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._database.versions()
        except DatabaseUnavailable as error:
            return error.detail
        except TimeoutError:
            return DatabaseUnavailable().detail
        return None

    async def _redis(self) -> str:
        if isinstance(self._store, NoStore):
            return "not used"
        try:
            await self._store.ping()
        except StoreUnavailable:
            return "down"
        return "up"
