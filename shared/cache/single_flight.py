"""One load per list and process, joined only by those whom its version satisfies.

Joining any load that happens to be under way is the classic fault: its rows may be older than the
write that the caller has been told of.
"""

import asyncio
from collections.abc import Awaitable, Callable

from shared.repository.versions import Version
from shared.runtime import Background, Clock


class Flight:
    """A load under way. Its version is known before its result, or fails with it."""

    def __init__(self) -> None:
        self.version: asyncio.Future[Version | None] = asyncio.get_running_loop().create_future()
        self.queried_at: float | None = None

    def reads(self, version: Version | None, queried_at: float | None = None) -> None:
        """Tell those who wait which version the load stands for.

        `queried_at` is when its SQL query began; None for a list that another instance stored.
        """
        if not self.version.done():
            self.queried_at = queried_at
            self.version.set_result(version)

    async def satisfies(self, accepts: Callable[[Version], bool], asked: float) -> bool:
        """Whether one who asked at `asked` may have the result.

        SQL's answer to a query that began later is right, whatever its number.
        """
        version = await asyncio.shield(self.version)
        if self.queried_at is not None and self.queried_at > asked:
            return True
        return version is not None and accepts(version)


class SingleFlight[K, T]:
    """Loads by key. A caller who leaves does not end the load that others wait for."""

    def __init__(self, clock: Clock, background: Background) -> None:
        self._clock = clock
        self._background = background
        self._flights: dict[K, tuple[Flight, asyncio.Task[T]]] = {}

    async def join(
        self,
        key: K,
        accepts: Callable[[Version], bool],
        load: Callable[[Flight], Awaitable[T]],
    ) -> tuple[T, bool]:
        """The result of a load whose version is accepted, and whether another caller started it.

        Of those who leave a load, the first starts the next one, and the others share it.
        A load that fails fails for all who wait for it.
        """
        asked = self._clock()
        while (under_way := self._flights.get(key)) is not None:
            flight, task = under_way
            if await flight.satisfies(accepts, asked):
                return await asyncio.shield(task), True
            await asyncio.wait([task])
        return await asyncio.shield(self._start(key, load)), False

    def start(self, key: K, load: Callable[[Flight], Awaitable[T]]) -> None:
        """Load in the background, unless a load of the key is under way."""
        if key not in self._flights:
            self._start(key, load)

    def _start(self, key: K, load: Callable[[Flight], Awaitable[T]]) -> asyncio.Task[T]:
        flight = Flight()
        task = self._background.start(_run(load, flight))
        self._flights[key] = flight, task
        # The first callback of the task: no one who waits for it wakes to find it in the table.
        task.add_done_callback(lambda _: self._flights.pop(key))
        return task


async def _run[T](load: Callable[[Flight], Awaitable[T]], flight: Flight) -> T:
    try:
        return await load(flight)
    except BaseException as error:
        if not flight.version.done():
            flight.version.set_exception(error)
            flight.version.exception()
        raise
    finally:
        flight.reads(None)
