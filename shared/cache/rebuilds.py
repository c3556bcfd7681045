"""Rebuilding a list after a write, so that the next reader finds it; off unless it is set."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from shared.errors import DatabaseUnavailable
from shared.runtime import Background


class Rebuilds:
    """Reads each requested list once more in the background; a burst of requests costs two."""

    def __init__(self, read: Callable[[str], Awaitable[object]], background: Background) -> None:
        self._read = read
        self._background = background
        self._requested: dict[str, bool] = {}

    def request(self, scope: str) -> None:
        """Have the scope's list rebuilt by a read that begins after this call."""
        running = scope in self._requested
        self._requested[scope] = True
        if not running:
            self._background.start(self._rebuild(scope))

    async def _rebuild(self, scope: str) -> None:
        try:
            while self._requested[scope]:
                self._requested[scope] = False
                with suppress(DatabaseUnavailable):
                    await self._read(scope)
        finally:
            del self._requested[scope]
