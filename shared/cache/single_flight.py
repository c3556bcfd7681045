"""Never two runs of one key at once: callers join the running one, or share the next one."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Final

from shared.repository.versions import Version
from shared.runtime import Runtime


class Flight:
    """A load that is running. `version` is set before the load ends, also if it fails."""

    def __init__(self) -> None:
        self.version: asyncio.Future[Version | None] = asyncio.get_running_loop().create_future()
        self.queried_at: float | None = None

    def set_version(self, version: Version | None, queried_at: float | None = None) -> None:
        """Set the version that the load reads.

        `queried_at` is when its SQL query began; None for a list that another instance stored.
        """
        if not self.version.done():
            self.queried_at = queried_at
            self.version.set_result(version)

    async def satisfies(self, allows: Callable[[Version], bool], asked_at: float) -> bool:
        """Whether a caller who asked at `asked_at` may have the result.

        A query that began after the caller asked has all that it may require, whatever its version.
        """
        version = await asyncio.shield(self.version)
        if self.queried_at is not None and self.queried_at > asked_at:
            return True
        return version is not None and allows(version)


class SingleFlight[K, T]:
    """Joins callers to the running load of a key if its version satisfies them (rule 20).

    To join any running load is a common mistake: its rows may be older than a write that the
    caller knows to be acknowledged. A caller that is cancelled does not cancel the load.

    `check` is called with the error of a load that was joined, and when its caller asked. It
    raises if another load would fail, too.
    """

    def __init__(
        self, runtime: Runtime, check: Callable[[Exception, float], Awaitable[None]]
    ) -> None:
        self._check = check
        self._clock = runtime.clock
        self._background = runtime.background
        self._flights: dict[K, tuple[Flight, asyncio.Task[T]]] = {}

    async def join(
        self,
        key: K,
        allows: Callable[[Version], bool],
        load: Callable[[Flight], Awaitable[T]],
    ) -> tuple[T, bool]:
        """Return the result of a load, and whether another caller started it.

        Callers for whom the running load is too old share one next load. So do, once, those who
        joined a load that failed, unless `_check` raises.
        """
        asked_at, has_failed = self._clock(), False
        while (running := self._flights.get(key)) is not None:
            flight, task = running
            try:
                if await flight.satisfies(allows, asked_at):
                    return await asyncio.shield(task), True
            except Exception as error:
                if has_failed:
                    raise
                await self._check(error, asked_at)
                has_failed = True
            await asyncio.wait([task])
        return await asyncio.shield(self._start(key, load)), False

    def start(self, key: K, load: Callable[[Flight], Awaitable[T]]) -> None:
        """Load in the background, unless a load of the key is running."""
        if key not in self._flights:
            self._start(key, load)

    def _start(self, key: K, load: Callable[[Flight], Awaitable[T]]) -> asyncio.Task[T]:
        flight = Flight()
        task = self._background.start(_load(load, flight))
        self._flights[key] = flight, task
        # Added before any caller waits: whoever wakes up finds the task removed from the table.
        task.add_done_callback(lambda _: self._flights.pop(key))
        return task


async def _load[T](load: Callable[[Flight], Awaitable[T]], flight: Flight) -> T:
    try:
        return await load(flight)
    except BaseException as error:
        if not flight.version.done():
            flight.version.set_exception(error)
            flight.version.exception()
        raise
    finally:
        flight.set_version(None)


ANY_TIME: Final = float("-inf")
"""For `after`: any run that has not ended will do."""


@dataclass(slots=True)
class _Run[V]:
    """A run that is queued or running, in the context of its first caller.

    `began` is infinite until the run has begun: until then every caller may share it.
    """

    result: asyncio.Future[V] = field(default_factory=asyncio.Future)
    context: Context = field(default_factory=copy_context)
    began: float = float("inf")


class NextRun[K, V]:
    """Shares a run among all callers that asked before it began (rule 5).

    A caller that is cancelled does not cancel the run.
    """

    def __init__(self, run: Callable[[K], Awaitable[V]], runtime: Runtime) -> None:
        self._work = run
        self._clock = runtime.clock
        self._background = runtime.background
        self._running: dict[K, _Run[V]] = {}
        self._queued: dict[K, _Run[V]] = {}

    async def ask(self, key: K, *, after: float | None = None) -> V:
        """Return the result of a run that began after `after`, by default after this call."""
        return await asyncio.shield(self.request(key, after=after))

    def request(self, key: K, *, after: float | None = None) -> asyncio.Future[V]:
        """Like `ask`, without waiting. Nobody needs to await the result."""
        running = self._running.get(key)
        if running is None:
            return self._start(key, _Run())
        if running.began > (self._clock() if after is None else after):
            return running.result
        queued = self._queued.get(key)
        if queued is None:
            queued = self._queued[key] = _Run()
        return queued.result

    def _start(self, key: K, run: _Run[V]) -> asyncio.Future[V]:
        self._running[key] = run
        self._background.start(self._run(key, run))
        return run.result

    async def _run(self, key: K, run: _Run[V]) -> None:
        run.began = self._clock()
        try:
            run.result.set_result(await self._work(key))
        except Exception as error:
            run.result.set_exception(error)
            run.result.exception()  # marks it as retrieved, else asyncio logs it
            raise
        finally:
            run.result.cancel()  # no effect unless the run was cancelled
            del self._running[key]
            queued = self._queued.pop(key, None)
            if queued is not None:
                queued.context.run(self._start, key, queued)
