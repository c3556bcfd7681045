"""The write policy: a record is stored once, and acknowledged when nobody can miss it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from shared.cache.announcer import Announcer, ScopeVersions
from shared.cache.lease import Freshness
from shared.cache.rebuilds import Rebuilds
from shared.cache.required_version import ScopeGone, version_in
from shared.cache.rollbacks import Restores
from shared.errors import AlreadyExists, DatabaseUnavailable, OutcomeUnknown
from shared.repository.database import Database
from shared.repository.versions import ALL
from shared.runtime import Background, Clock
from shared.telemetry import Count, Events, Span
from shared.tracks.track import Track


class Writer:
    """Stores records."""

    def __init__(
        self,
        *,
        database: Database,
        freshness: Freshness,
        restores: Restores,
        announcer: Announcer,
        rebuilds: Rebuilds | None,
        background: Background,
        clock: Clock,
        events: Events,
    ) -> None:
        self._database = database
        self._freshness = freshness
        self._restores = restores
        self._announcer = announcer
        self._rebuilds = rebuilds
        self._background = background
        self._clock = clock
        self._events = events

    async def add(self, track: Track) -> Track:
        """Store a new record; answer it as stored, once every later read shows it.

        A caller who goes away does not stop what has begun. Raises AlreadyExists,
        DatabaseUnavailable, OutcomeUnknown.
        """
        return await asyncio.shield(self._background.start(self._add(track)))

    async def purge(self, scopes: Sequence[str]) -> None:
        """Give lists a new version: no copy may be served again. Raises DatabaseUnavailable."""
        await asyncio.shield(self._background.start(self._purge(scopes)))

    async def _purge(self, scopes: Sequence[str]) -> None:
        versions = await self._database.raise_versions(scopes)
        raised = [(scope, version) for scope in scopes if (version := versions.of(scope))]
        await self._finish(raised, self._clock())

    async def _add(self, track: Track) -> Track:
        try:
            with self._events.span(Span.WRITE, genre=track.genre):
                written = await self._database.insert(track)
        except OutcomeUnknown:
            self._events.count(Count.OUTCOME_UNKNOWN)
            return await self._read_back(track)
        await self._finish(written.versions, self._clock())
        return written.track

    async def _finish(self, versions: ScopeVersions | None, committed_at: float) -> None:
        for scope, version in versions or ():
            self._restores.learn(scope, version)
        await self._announcer.announce(versions, committed_at)
        if self._rebuilds is not None:
            for scope, _ in versions or ():
                self._rebuilds.request(scope)

    async def _read_back(self, track: Track) -> Track:
        """Find out whether the commit happened; versions are read again, never made up.

        Raises DatabaseUnavailable when it did not, OutcomeUnknown when SQL stays away.
        """
        try:
            stored = await self._database.find(track.genre, track.track_id)
        except DatabaseUnavailable:
            raise OutcomeUnknown from None
        committed_at = self._clock()
        if stored is None:
            raise DatabaseUnavailable("The database broke off; the record was not stored.")
        if replace(stored, genre=track.genre) != track:
            raise AlreadyExists("This track is already stored under this genre.")
        await self._finish(await self._versions(stored.genre), committed_at)
        return stored

    async def _versions(self, genre: str) -> ScopeVersions | None:
        try:
            lease = await self._freshness.after(self._clock())
            return [(scope, version_in(lease, scope)) for scope in (genre, ALL)]
        except (DatabaseUnavailable, ScopeGone):
            return None
