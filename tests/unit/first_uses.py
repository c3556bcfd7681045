"""The first requests of a process, all at once.

Prints two lines: which of the late libraries were imported, and what two threads imported side by
side.
"""

import asyncio
import builtins
import sys
import threading
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

from shared.catalog.track import View
from shared.errors import ApiError
from shared.services import Services
from shared.settings import Settings

TURN_SECONDS: Final = 0.001
"""At every module the other threads have their turn, as on a busy machine."""

TOKEN: Final = "eyJhbGciOiJub25lIn0.e30."
LIBRARIES: Final = ("firebase_admin", "httpx", "limits", "redis", "sqlalchemy")


class Spy(MetaPathFinder):
    """Sees every module that is looked for while another thread is at work on its package."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.overlaps: set[str] = set()
        self._import = builtins.__import__
        self._depths: dict[int, int] = {}
        self._loading: dict[int, set[str]] = {}

    def install(self) -> None:
        builtins.__import__ = self._watched
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        package = fullname.partition(".")[0]
        if package not in sys.stdlib_module_names:
            self.seen.add(package)
            thread = threading.get_ident()
            others = [packages for at, packages in list(self._loading.items()) if at != thread]
            if any(package in packages for packages in others):
                self.overlaps.add(fullname)
            self._loading.setdefault(thread, set()).add(package)
            time.sleep(TURN_SECONDS)
        return None

    def _watched(self, *args: Any, **kwargs: Any) -> ModuleType:
        thread = threading.get_ident()
        self._depths[thread] = self._depths.get(thread, 0) + 1
        try:
            return self._import(*args, **kwargs)
        finally:
            self._depths[thread] -= 1
            if not self._depths[thread]:
                self._loading.pop(thread, None)


async def refused(call: Coroutine[Any, Any, object]) -> None:
    """Nothing that it asks is there."""
    with suppress(ApiError):
        await call


async def _read(services: Services, spy: Spy) -> None:
    """A read that needs Redis while a thread loads its client for the rate limits."""
    async with asyncio.timeout(30):
        while "redis" not in spy.seen:  # noqa: ASYNC110 -- no event: it happens in a thread
            await asyncio.sleep(TURN_SECONDS)
    await services.lists.genre("Pop", View.CORE)


async def main() -> None:
    spy = Spy()
    spy.install()
    services = Services(Settings.load())
    identity = services.identity
    await asyncio.gather(
        refused(identity.verifier.verify(TOKEN, fresh=True)),
        refused(identity.verifier.verify(TOKEN, fresh=True)),
        refused(identity.accounts.log_in("a@example.org", "a sentence of a password")),
        refused(identity.limits.check("login", "192.0.2.1", "somebody")),
        refused(_read(services, spy)),
    )
    for names in (spy.seen.intersection(LIBRARIES), spy.overlaps):
        sys.stdout.write(" ".join(sorted(names)) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
