"""A lock for imports at first use, and values that are built once, at first use, in a thread.

Modules of a package may import each other, as redis-py's do. If two threads import such a package
from different ends, each waits for a module that the other is importing, and the interpreter ends
one of the imports with a _DeadlockError (CPython, Lib/importlib/_bootstrap.py, _ModuleLock).
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

from shared.runtime import Workers

IMPORTING: Final = threading.RLock()
"""Hold it to import a library at first use, or to call code that may. One for the process."""


SIGN_IN: Final = (
    "anyio._backends._asyncio",
    "firebase_admin.auth",
    "httpcore",
    "httpx",
    "shared.auth.client_storage",
)
"""What signing in imports at its first use."""


def import_what_sign_in_uses() -> None:
    """Import it before. What cannot be imported raises its error at the first use."""
    with IMPORTING, suppress(ImportError):
        for name in SIGN_IN:
            import_module(name)


class BuiltOnce[T]:
    """A value that is built at its first use, in a thread, under the lock.

    Await `get` outside of every timeout: importing a library may take longer than a caller's
    timeout, and happens once in a process.
    """

    def __init__(self, build: Callable[[], T], workers: Workers) -> None:
        self._build, self._workers = build, workers
        self._building = asyncio.Lock()
        self._built: tuple[T] | None = None

    async def get(self) -> T:
        """Return the value. Raises what `build` raises; the next call then builds again."""
        async with self._building:
            built = self._built
            if built is None:
                built = await self._workers.run(self._build_once)
        return built[0]

    @property
    def if_built(self) -> T | None:
        return self._built[0] if self._built else None

    def _build_once(self) -> tuple[T]:
        with IMPORTING:
            # The thread of a caller that was cancelled may have built it meanwhile.
            built = self._built = self._built or (self._build(),)
            return built


class BuiltByName:
    """Values that are the same for every caller, each of them a BuiltOnce."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._values: dict[str, BuiltOnce[Any]] = {}

    async def get[T](self, name: str, build: Callable[[], T]) -> T:
        """Return the value of this name. Only the first caller's `build` is used."""
        value: BuiltOnce[T] = self._values.setdefault(name, BuiltOnce(build, self._workers))
        return await value.get()
