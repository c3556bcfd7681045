"""The lease: what this instance knows of all versions, and from when.

`cache_version` is polled by one tiny query; what it answered may be trusted by every read that
began at most Δ after the poll *began*. Polls are shared by all who wait, never joined by one who
asked after they began, and renewed in the background from Δ/2 on.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Final

from shared.errors import DatabaseUnavailable
from shared.repository.versions import ALL, Versions
from shared.runtime import Background, Clock
from shared.telemetry import Count, Events
from shared.tracks.genres import fold

_log = logging.getLogger(__name__)

POLL_TIMEOUT: Final = 2.0
"""Seconds that a reader waits for a poll while SQL was well at the last one."""

PROBE_TIMEOUT: Final = 0.25
"""Seconds that a reader waits for a poll when the last one failed."""

PROBE_PAUSE: Final = 1.0
"""Seconds after a failure in which no reader waits at all; polls go on beside the requests."""

_SQLSTATE: Final = re.compile(r"[0-9A-Z]{5}")


@dataclass(frozen=True, slots=True)
class Lease:
    """The latest-begun poll. `genres` maps each folded genre to its stored spelling."""

    began: float
    versions: Versions
    genres: Mapping[str, str]


@dataclass(slots=True)
class _Poll:
    began: float
    lease: asyncio.Future[Lease]


@dataclass(slots=True)
class _Queued:
    """A poll that is wanted as soon as none runs, in the context of the first who wants it."""

    lease: asyncio.Future[Lease]
    context: Context


class Freshness:
    """Holds the lease and renews it; the only place that asks SQL for versions on reads."""

    def __init__(
        self,
        poll: Callable[[], Awaitable[Versions]],
        *,
        trust: float,
        clock: Clock,
        background: Background,
        events: Events,
    ) -> None:
        self.trust = trust
        self._query = poll
        self._clock = clock
        self._background = background
        self._events = events
        self._lease: Lease | None = None
        self._running: _Poll | None = None
        self._queued: _Queued | None = None
        self._failed_at: float | None = None
        self._why: str | None = None

    @property
    def last(self) -> Lease | None:
        """The lease, however old."""
        return self._lease

    async def serving(self, began: float) -> Lease:
        """A lease that serves a read begun at `began`. Raises DatabaseUnavailable."""
        lease = self._lease
        if lease is None or lease.began < began - self.trust:
            return await self.after(began - self.trust)
        if self._running is None and began - lease.began >= self.trust / 2:
            with self._events.untraced():
                self._start()
        return lease

    async def after(self, moment: float) -> Lease:
        """A lease whose poll began after `moment`. Raises DatabaseUnavailable."""
        if self._lease is not None and self._lease.began > moment:
            return self._lease
        poll = self._joined(moment)
        try:
            async with asyncio.timeout(self._patience()):
                return await asyncio.shield(poll)
        except TimeoutError:
            self._failed_at = self._clock()
            raise self._away() from None

    def _away(self) -> DatabaseUnavailable:
        """With the last poll's reason: a database that is not set up is not merely away."""
        return DatabaseUnavailable() if self._why is None else DatabaseUnavailable(self._why)

    def _patience(self) -> float:
        """Seconds to wait for a poll: a database known to be away delays no caller for long."""
        if self._failed_at is None:
            return POLL_TIMEOUT
        return 0.0 if self._clock() - self._failed_at < PROBE_PAUSE else PROBE_TIMEOUT

    def _joined(self, moment: float) -> asyncio.Future[Lease]:
        """The running poll if it began after `moment`, else the one that follows it."""
        if self._running is None:
            return self._start().lease
        if self._running.began > moment:
            return self._running.lease
        if self._queued is None:
            self._queued = _Queued(_future(), copy_context())
        return self._queued.lease

    def _start(self, lease: asyncio.Future[Lease] | None = None) -> _Poll:
        self._running = _Poll(self._clock(), lease or _future())
        self._background.start(self._run(self._running))
        return self._running

    async def _run(self, poll: _Poll) -> None:
        self._events.count(Count.LEASE_POLL)
        try:
            async with asyncio.timeout(POLL_TIMEOUT):
                versions = await self._query()
        except (DatabaseUnavailable, TimeoutError) as fault:
            self._failed_at = self._clock()
            self._events.count(Count.LEASE_FAILED)
            self._fail(fault)
        else:
            self._failed_at = None
            self._lease = Lease(poll.began, versions, self._genres(versions))
            self._recover()
        finally:
            self._settle(poll)
            self._next()

    def _fail(self, fault: DatabaseUnavailable | TimeoutError) -> None:
        why = (fault if isinstance(fault, DatabaseUnavailable) else DatabaseUnavailable()).detail
        if why != self._why:
            _log.warning("SQL is away: %s (%s)", why, _kinds(fault))
        self._why = why

    def _recover(self) -> None:
        if self._why is not None:
            _log.warning("SQL is back")
        self._why = None

    def _settle(self, poll: _Poll) -> None:
        """Answer those who wait; whatever went wrong, nobody waits for ever."""
        if poll.lease.done():
            return
        if self._lease is not None and self._lease.began == poll.began:
            poll.lease.set_result(self._lease)
        else:
            poll.lease.set_exception(self._away())

    def _next(self) -> None:
        self._running, queued = None, self._queued
        self._queued = None
        if queued is not None:
            queued.context.run(self._start, queued.lease)

    def _genres(self, versions: Versions) -> Mapping[str, str]:
        """Folding thousands of names at every poll would cost more than the poll."""
        last = self._lease
        if last is not None and last.versions.numbers.keys() == versions.numbers.keys():
            return last.genres
        return {fold(scope): scope for scope in versions.numbers if scope != ALL}


def _kinds(error: BaseException | None) -> str:
    """What it was, and what caused it; never their texts, which may quote a connection string."""
    kinds: list[str] = []
    while error is not None:
        state = error.args[0] if error.args else None
        known = isinstance(state, str) and _SQLSTATE.fullmatch(state)
        kinds.append(f"{type(error).__name__} {state}" if known else type(error).__name__)
        error = error.__cause__
    return ", ".join(kinds)


def _future() -> asyncio.Future[Lease]:
    future: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()
    future.add_done_callback(_retrieve)
    return future


def _retrieve(future: asyncio.Future[Lease]) -> None:
    """A failed poll that nobody waits for any more is no error to report."""
    if not future.cancelled():
        future.exception()
