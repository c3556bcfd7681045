"""An event loop whose time is virtual and whose order is decided by a seed.

It has what tasks, futures, timeouts, locks and sleeps need, and nothing that touches the machine.
"""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from random import Random
from typing import Any, Final

TICK: Final = 1e-9
"""Seconds that pass with every look at a clock: no two readings are ever equal."""


class Process:
    """What lives, waits and dies together: the callbacks of one instance of the app.

    `held` are those that wait while it is paused, or for ever once it is dead.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.killed = False
        self.held: list[Scheduled] | None = None


PROCESS: Final[ContextVar[Process | None]] = ContextVar("process", default=None)
"""Whose callback is running; None for the world outside: network, servers, the test itself."""


class Scheduled(asyncio.TimerHandle):
    """A callback that waits for its turn; a lean one, for there are millions."""

    __slots__ = ("arguments", "callback", "context", "dropped", "process")

    def __init__(
        self, callback: Callable[..., object], arguments: tuple[Any, ...], context: Context
    ) -> None:
        self.callback = callback
        self.arguments = arguments
        self.context = context
        self.process: Process | None = context.get(PROCESS)
        self.dropped = False

    def cancel(self) -> None:
        self.dropped = True

    def cancelled(self) -> bool:
        return self.dropped


class StuckError(Exception):
    """Somebody waits for what will never happen."""


class SimulatedLoop(asyncio.AbstractEventLoop):
    """Runs ready callbacks in random order, and timers in the order of their time.

    The callbacks of one future keep their order, as asyncio promises.
    """

    def __init__(self, random: Random, *, latency: float = 0.0) -> None:
        self.faults: list[str] = []
        self.steps = 0
        self._random = random.random
        self._latency = latency
        self._now = 0.0
        self._ready: list[Scheduled] = []
        self._timers: list[tuple[float, int, Scheduled]] = []
        self._added = 0

    def time(self) -> float:
        self._now += TICK
        return self._now

    def run[T](self, main: Coroutine[Any, Any, T]) -> T:
        """The result of `main`. Raises StuckError when nothing is left to do before it ends."""
        asyncio._set_running_loop(self)
        try:
            task = self.create_task(main)
            while not task.done():
                self._step()
            return task.result()
        finally:
            self._abandon()
            asyncio._set_running_loop(None)

    def world(self) -> Context:
        """A context of no process: what runs in it survives every instance."""
        context = copy_context()
        context.run(PROCESS.set, None)
        return context

    def pause(self, process: Process) -> None:
        if process.held is None:
            process.held = []

    def kill(self, process: Process) -> None:
        process.alive, process.killed = False, True
        self.pause(process)

    def resume(self, process: Process) -> None:
        if not process.killed:
            held, process.held = process.held, None
            self._ready.extend(held or ())

    def _step(self) -> None:
        if not self._ready:
            self._advance()
        handle = self._ready.pop(self._pick())
        process = handle.process
        if process is not None and process.held is not None:
            process.held.append(handle)
        elif not handle.dropped:
            self.steps += 1
            handle.context.run(handle.callback, *handle.arguments)

    def _pick(self) -> int:
        ready = self._ready
        if len(ready) == 1:
            return 0
        chosen = int(self._random() * len(ready))
        arguments = ready[chosen].arguments
        if arguments:
            for index in range(chosen):
                others = ready[index].arguments
                if others and others[0] is arguments[0]:
                    return index
        return chosen

    def _advance(self) -> None:
        if not self._timers:
            raise StuckError("nothing is left to do")
        when, _, handle = heapq.heappop(self._timers)
        self._now = max(self._now, when)
        self._ready.append(handle)

    def _abandon(self) -> None:
        """End what dead instances left behind, quietly: its coroutines must still be closed."""
        for _ in range(100):
            left = asyncio.all_tasks(self)
            if not left:
                return
            for task in sorted(left, key=_created):
                process = task.get_context().get(PROCESS)
                if process is not None:
                    process.killed = False
                    self.resume(process)
                task.cancel()
            for _ in range(100):
                if self._ready or self._timers:
                    self._step()
        raise StuckError(f"tasks that cannot be cancelled: {asyncio.all_tasks(self)}")

    def call_soon[*Ts](
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> "Scheduled":
        handle = Scheduled(callback, args, copy_context() if context is None else context)
        self._ready.append(handle)
        return handle

    def call_later[*Ts](
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> "Scheduled":
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at[*Ts](
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> "Scheduled":
        handle = Scheduled(callback, args, copy_context() if context is None else context)
        self._added += 1
        late = self._random() * self._latency
        heapq.heappush(self._timers, (when + late, self._added, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task[T](
        self,
        coro: Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
        **_: Any,
    ) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.faults.append(f"{context.get('message')}: {context.get('exception')!r}")

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False


def _created(task: asyncio.Task[Any]) -> int:
    """Return the task's number in the order of creation, which asyncio puts into its name."""
    return int(task.get_name().removeprefix("Task-"))
