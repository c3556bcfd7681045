"""The lease: the versions of all lists as one poll of SQL read them, and when that poll began.

Every instance polls the small table `cache_version`. Reads may trust the answer for the lease
seconds, counted from when the poll began (docs/protocol.md, rules 4 to 8).
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.cache.single_flight import ANY_TIME, NextRun
from shared.errors import DatabaseUnavailable
from shared.repository.versions import Version, Versions
from shared.runtime import Runtime
from shared.telemetry import Count
from shared.tracks.genres import LISTS, fold

_log = logging.getLogger(__name__)

POLL_TIMEOUT: Final = 2.0
"""Seconds that a read waits for a poll if the last poll succeeded."""

PROBE_TIMEOUT: Final = 0.25
"""Seconds that a read waits for a poll when the last one failed."""

PROBE_PAUSE: Final = 1.0
"""For so many seconds after a failure reads fail at once; polls go on in the background."""

_SQLSTATE: Final = re.compile(r"[0-9A-Z]{5}")


class ScopeGone(Exception):
    """The database has no such scope (any more): its list is empty."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The result of a poll. `genres` maps folded and stored spellings to the stored one."""

    began: float
    versions: Versions
    genres: Mapping[str, str]

    def version_of(self, scope: str) -> Version:
        """Return the scope's version. Raises ScopeGone."""
        number = self.versions.numbers.get(scope)
        if number is None:
            raise ScopeGone(scope)
        return Version(self.versions.epoch, number)

    def scope_of(self, name: str) -> str | None:
        """Return the stored spelling of a genre, or None for an unknown genre."""
        return self.genres.get(name) or self.genres.get(fold(name))


class Leases:
    """Polls SQL for the versions of all lists, and holds the latest lease."""

    def __init__(
        self, poll: Callable[[], Awaitable[Versions]], *, seconds: float, runtime: Runtime
    ) -> None:
        self.seconds = seconds
        self.last: Lease | None = None
        self._query = poll
        self._clock = runtime.clock
        self._events = runtime.events
        self._polls: NextRun[None, Lease] = NextRun(self._poll, runtime)
        self._failed_at: float | None = None
        self._reason: str | None = None

    async def valid_for(self, began: float) -> Lease:
        """Return a lease that serves a read that began at `began` (rule 6).

        A lease older than half the lease seconds is renewed in the background. Raises
        DatabaseUnavailable.
        """
        lease = self.last
        if lease is None or lease.began < began - self.seconds:
            # A poll that begins after this is young enough.
            return await self.after(began - self.seconds)
        if began - lease.began >= self.seconds / 2:
            with self._events.untraced():
                self._polls.request(None, after=ANY_TIME)
        return lease

    async def after(self, moment: float) -> Lease:
        """Return a lease whose poll began after `moment`. Raises DatabaseUnavailable."""
        if self.last is not None and self.last.began > moment:
            return self.last
        try:
            async with asyncio.timeout(self._wait_seconds()):
                return await self._polls.ask(None, after=moment)
        except TimeoutError:
            self._failed_at = self._clock()
            raise self._unavailable() from None

    def _wait_seconds(self) -> float:
        """Return how long to wait for a poll: briefly, or 0, while the database is unavailable."""
        if self._failed_at is None:
            return POLL_TIMEOUT
        return 0.0 if self._clock() - self._failed_at < PROBE_PAUSE else PROBE_TIMEOUT

    async def _poll(self, _: None) -> Lease:
        began = self._clock()
        self._events.count(Count.LEASE_POLL)
        try:
            async with asyncio.timeout(POLL_TIMEOUT):
                versions = await self._query()
            return self._accept(began, versions)
        except (DatabaseUnavailable, TimeoutError) as error:
            self._fail(error)
            raise self._unavailable() from error
        except Exception as error:
            _log.exception("Unexpected error in the poll of the versions in SQL")
            raise self._unavailable() from error

    def _accept(self, began: float, versions: Versions) -> Lease:
        """Replace the lease by this poll, even if its versions are smaller (rule 8)."""
        lease = self.last = Lease(began, versions, self._genres(versions))
        if self._reason is not None:
            _log.warning("SQL is available again")
        self._failed_at = self._reason = None
        return lease

    def _fail(self, error: DatabaseUnavailable | TimeoutError) -> None:
        self._failed_at = self._clock()
        self._events.count(Count.LEASE_FAILED)
        reason = (error if isinstance(error, DatabaseUnavailable) else DatabaseUnavailable()).detail
        if reason != self._reason:
            _log.warning("SQL is unavailable: %s (%s)", reason, _types(error))
        self._reason = reason

    def _unavailable(self) -> DatabaseUnavailable:
        """Return an error with the last poll's reason, such as migrations that have not run."""
        return DatabaseUnavailable() if self._reason is None else DatabaseUnavailable(self._reason)

    def _genres(self, versions: Versions) -> Mapping[str, str]:
        """Keep the last mapping while the genres are the same: folding costs more than a poll."""
        last = self.last
        if last is not None and last.versions.numbers.keys() == versions.numbers.keys():
            return last.genres
        genres = [scope for scope in versions.numbers if scope not in LISTS]
        return {fold(genre): genre for genre in genres} | {genre: genre for genre in genres}


def _types(error: BaseException | None) -> str:
    """Return only the types of an error and its causes: texts may quote a connection string."""
    types: list[str] = []
    while error is not None:
        state = error.args[0] if error.args else None
        known = isinstance(state, str) and _SQLSTATE.fullmatch(state)
        types.append(f"{type(error).__name__} {state}" if known else type(error).__name__)
        error = error.__cause__
    return ", ".join(types)
