"""The write path: a record is stored once, and acknowledged when every later read shows it.

docs/protocol.md, rules 11 to 16 and 31.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from shared.cache.lease import Leases, ScopeGone
from shared.cache.required_version import RollbackDetector
from shared.cache.single_flight import NextRun
from shared.cache.store import NoStore, Store, StoreUnavailable
from shared.errors import DatabaseUnavailable, OutcomeUnknown, TrackExists
from shared.repository.database import Database
from shared.repository.versions import Version
from shared.runtime import Runtime
from shared.telemetry import Count, Span
from shared.tracks.genres import LISTS
from shared.tracks.track import Track

_PURGE_UNKNOWN: Final = "The database did not confirm the purge: purge again to be sure."

type ScopeVersions = Sequence[tuple[str, Version]]


def acknowledgement_delay(lease_seconds: float) -> float:
    """Return the seconds after a commit at which every lease from before it has ended (rule 13).

    That is more than the lease seconds, because clocks differ in speed.
    """
    return lease_seconds + max(0.05, 0.05 * lease_seconds)


class Announcer:
    """Pushes new versions to the store, or waits until every lease without them has ended."""

    def __init__(
        self, store: Store, *, lease_seconds: float, strict: bool, runtime: Runtime
    ) -> None:
        self._store = store
        self._delay = acknowledgement_delay(lease_seconds)
        self._strict = strict
        self._clock = runtime.clock
        self._events = runtime.events

    async def announce(self, versions: ScopeVersions | None, committed_at: float) -> None:
        """Wait until the write may be acknowledged. Never raises.

        `committed_at` is the clock's reading after the reply to the commit. `versions` is None
        when they could not be read back.
        """
        if isinstance(self._store, NoStore):
            return
        if await self._push_all(versions) and not self._strict:
            return
        self._events.count(Count.ACK_WAITED)
        await self._until(committed_at + self._delay)

    async def _until(self, moment: float) -> None:
        """Sleep until our clock has passed `moment`. asyncio's clock may differ, hence the loop."""
        while (left := moment - self._clock()) >= 0:  # noqa: ASYNC110 -- it waits for time to pass
            await asyncio.sleep(left)

    async def _push_all(self, versions: ScopeVersions | None) -> bool:
        if versions is None:
            return False
        return all(await asyncio.gather(*(self._push(*version) for version in versions)))

    async def _push(self, scope: str, version: Version) -> bool:
        """Push one version, with one retry (rule 12). Return whether it arrived.

        While the circuit is open the retry fails at once.
        """
        for _ in range(2):
            try:
                await self._store.advance(scope, version)
            except StoreUnavailable:
                self._events.count(Count.PUSH_FAILED)
            else:
                self._events.count(Count.PUSH)
                return True
        return False


class Writer:
    """Stores records and purges lists.

    With `rebuild`, each list that a write changed is read once more after the acknowledgement, in
    the background (rule 16). Writes during a rebuild share one more.
    """

    def __init__(
        self,
        *,
        database: Database,
        leases: Leases,
        rollbacks: RollbackDetector,
        announcer: Announcer,
        rebuild: Callable[[str], Awaitable[None]] | None,
        runtime: Runtime,
    ) -> None:
        self._database = database
        self._leases = leases
        self._rollbacks = rollbacks
        self._announcer = announcer
        self._rebuilds = NextRun(rebuild, runtime) if rebuild is not None else None
        self._background = runtime.background
        self._clock = runtime.clock
        self._events = runtime.events

    async def add(self, track: Track) -> Track:
        """Store a new record. Return it as stored, once every later read shows it.

        The write goes on if the caller is cancelled. Raises DatabaseUnavailable, OutcomeUnknown,
        and TrackExists once every later read shows the record that is stored.
        """
        return await asyncio.shield(self._background.start(self._add(track)))

    async def purge(self, scopes: Sequence[str]) -> None:
        """Give lists a new version, so that no copy is served again.

        Raises DatabaseUnavailable, OutcomeUnknown.
        """
        await asyncio.shield(self._background.start(self._purge(scopes)))

    async def _purge(self, scopes: Sequence[str]) -> None:
        began = self._clock()
        try:
            versions = await self._database.raise_versions(scopes)
        except OutcomeUnknown:
            raise OutcomeUnknown(_PURGE_UNKNOWN) from None
        raised = [(scope, version) for scope in scopes if (version := versions.of(scope))]
        await self._acknowledge(raised, began, self._clock())

    async def _add(self, track: Track) -> Track:
        began = self._clock()
        try:
            with self._events.span(Span.WRITE, genre=track.genre):
                written = await self._database.insert(track)
        except OutcomeUnknown:
            self._events.count(Count.OUTCOME_UNKNOWN)
            return await self._read_back(track)
        except TrackExists:
            await self._show_existing(track.genre, self._clock())
            raise
        await self._acknowledge(written.versions, began, self._clock())
        return written.track

    async def _acknowledge(
        self, versions: ScopeVersions | None, began: float, committed_at: float
    ) -> None:
        """Wait until the write may be acknowledged, then begin the rebuilds."""
        await self._announce(versions, began, committed_at)
        if self._rebuilds is not None:
            for scope, _ in versions or ():
                self._rebuilds.request(scope)

    async def _announce(
        self, versions: ScopeVersions | None, began: float, committed_at: float
    ) -> None:
        """Wait until every later read shows what was committed by `committed_at`.

        `began` is when the query of the versions began. If they prove a rollback (rule 10), what
        was lost is dropped first: a greater known version would not be changed by the push.
        """
        try:
            for scope, version in versions or ():
                await self._rollbacks.detect(scope, version, began)
        except StoreUnavailable:
            versions = None
        await self._announcer.announce(versions, committed_at)

    async def _read_back(self, track: Track) -> Track:
        """Find out whether the commit happened (rule 14).

        Raises DatabaseUnavailable when it did not, OutcomeUnknown when SQL stays unavailable.
        """
        try:
            stored = await self._database.find(track.genre, track.track_id)
        except DatabaseUnavailable:
            raise OutcomeUnknown from None
        committed_at = self._clock()
        if stored is None:
            raise DatabaseUnavailable("The commit failed; the record was not stored.")
        # The genre is stored in the spelling of the first record.
        if replace(stored, genre=track.genre) != track:
            await self._show_existing(stored.genre, committed_at)
            raise TrackExists
        versions = await self._versions(stored.genre, committed_at)
        await self._acknowledge(versions, committed_at, committed_at)
        return stored

    async def _show_existing(self, genre: str, committed_at: float) -> None:
        """Wait until every later read shows a record that another writer has stored (rule 31).

        That writer may not have announced it yet, or may never do so.
        """
        versions = await self._versions(genre, committed_at)
        await self._announce(versions, committed_at, committed_at)

    async def _versions(self, genre: str, committed_at: float) -> ScopeVersions | None:
        """Return the versions of the lists that may hold a record of this genre.

        They are read after `committed_at`. None if they cannot be read.
        """
        try:
            lease = await self._leases.after(committed_at)
            scopes = (lease.scope_of(genre) or genre, *LISTS)
            return [(scope, lease.version_of(scope)) for scope in scopes]
        except (DatabaseUnavailable, ScopeGone):
            return None
