"""One instance of the cache, wired as in production, on virtual time."""

from collections import Counter
from typing import Any, Final

from shared.cache.cached_list import CachedList, ListKey, Served, Unless, never
from shared.cache.store import Store
from shared.repository.versions import Version
from shared.services import Services
from shared.settings import Settings
from shared.telemetry import CountedEvents
from shared.tracks.track import View
from tests.unit.cache.scripted_database import ScriptedDatabase, body_of
from tests.unit.cache.virtual_time import ImmediateWorkers, now

POP: Final[ListKey] = ("Pop", View.CORE)
LEASE_SECONDS: Final = 2.0


def here(number: int) -> Version:
    """A version of the scripted database's first epoch."""
    return Version("here", number)


def cached_list(version: Version, *, life: float = 3600.0) -> CachedList:
    """A list of Pop that was filled just now."""
    body = body_of("Pop", version)
    return CachedList(version, body.digests, now(), now() + life, body)


class CacheInstance(Services):
    """What one process holds. Several instances share a store and a database."""

    def __init__(self, database: ScriptedDatabase, store: Store, **settings: Any) -> None:
        counted = CountedEvents()
        super().__init__(
            Settings.model_construct(**settings),
            clock=now,
            database=database,
            store=store,
            workers=ImmediateWorkers(),
            events=counted,
        )
        self.counts: Counter[str] = counted.counts

    async def read(self, genre: str = "Pop", unless: Unless = never) -> Served:
        return await self.reader.genre(genre, View.CORE, unless)

    async def settle(self) -> None:
        """Wait for what runs in the background, such as storing a list."""
        await self.background.drain()


def shown(served: Served) -> str:
    """The list's only record, such as "Pop 1", once body, digest and version were compared."""
    cached = served.cached
    assert cached is not None
    assert cached.body is not None
    expected = body_of(served.scope, cached.version)
    assert cached.body.uncompressed() == expected.uncompressed()
    assert served.digests == expected.digests
    return f"{served.scope} {cached.version.number}"
