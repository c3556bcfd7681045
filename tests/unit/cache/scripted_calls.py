"""What the scripted store and the scripted database share: each call follows the test's script."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NoReturn

type Step = Callable[[], object]
"""Taken before a call is served. What it returns is awaited if it can be; it may raise."""


class ScriptedCalls:
    """Records the calls that arrive in `calls`, such as "put Pop".

    A call is served when it arrives, and its answer takes `seconds`. While `fault` is set it is
    not served, and raises `fault` instead.
    """

    def __init__(self, seconds: float, fault: Exception | None = None) -> None:
        self.seconds = seconds
        self.fault = fault
        self.calls: list[str] = []
        self._steps: defaultdict[str, deque[Step]] = defaultdict(deque)

    def when(self, call: str, *steps: Step) -> None:
        """Take the first step before the next such call is served, the second before the one after.

        For example `store.when("put Pop", lambda: asyncio.sleep(1))` delays one call.
        """
        self._steps[call].extend(steps)

    @asynccontextmanager
    async def call(self, name: str) -> AsyncIterator[None]:
        """Serve the call in the block."""
        self.calls.append(name)
        fault = self.fault
        if self._steps[name]:
            result = self._steps[name].popleft()()
            if isinstance(result, Awaitable):
                await result
        if fault is None:
            yield
        await asyncio.sleep(self.seconds)
        if fault is not None:
            raise fault


def failing(error: Exception) -> Step:
    """Return a step that fails the call before it is served."""

    def fail() -> NoReturn:
        raise error

    return fail
