"""Sends a new process its first requests, all at once, and prints what they import.

`python -m tests.unit.first_request_imports FUNCTION...` prints five lines: the statuses, which of
LIBRARIES were imported, which modules of them without the lock, which in the event loop's thread,
which in the time of a caller's timeout.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch

import azure.functions as func

from shared.imports import IMPORTING
from shared.services import Services

TOKEN: Final = "eyJhbGciOiJub25lIn0.e30."
ACCOUNT: Final = b'{"email": "a@example.org", "password": "a sentence of a password"}'
LIBRARIES: Final = (
    *("anyio", "cachecontrol", "coredis", "firebase_admin", "google", "httpx", "jwt", "limits"),
    *("redis", "requests", "sqlalchemy", "urllib3"),
)

_in_timeout: ContextVar[bool] = ContextVar("in_timeout", default=False)


_timeout: Final = asyncio.timeout


@asynccontextmanager
async def marked_timeout(seconds: float | None) -> AsyncIterator[asyncio.Timeout]:
    """asyncio.timeout, whose block and the threads that work for it are known to ImportRecorder."""
    before = _in_timeout.set(True)
    try:
        async with _timeout(seconds) as timeout:
            yield timeout
    finally:
        _in_timeout.reset(before)


class ImportRecorder(MetaPathFinder):
    """Records the imports of LIBRARIES: their thread, and whether it holds the lock."""

    def __init__(self) -> None:
        self.late: set[str] = set()
        self.unguarded: set[str] = set()
        self.on_the_loop: set[str] = set()
        self.in_a_timeout: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        package = fullname.partition(".")[0]
        if package in LIBRARIES:
            self.late.add(package)
            if not _is_held(IMPORTING):
                self.unguarded.add(fullname)
            if threading.current_thread() is threading.main_thread():
                self.on_the_loop.add(fullname)
            if _in_timeout.get():
                self.in_a_timeout.add(fullname)
        return None


def _is_held(lock: threading.RLock) -> bool:
    """Whether this thread holds the lock; threading.Condition uses the same method."""
    held: bool = lock._is_owned()  # type: ignore[attr-defined]  # see above
    return held


def calls(names: Sequence[str]) -> Iterator[Coroutine[Any, Any, func.HttpResponse]]:
    """Yield a call of each of these functions."""
    from function_app import app

    by_name = {one.get_function_name(): one.get_user_function() for one in app.get_functions()}
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    for name in names:
        request = func.HttpRequest("POST", "/?arg=Pop", headers=headers, body=ACCOUNT)
        yield by_name[name](request)


async def main() -> None:
    with patch.object(Services, "prepare_in_background"):
        import_module("function_app")
    recorder = ImportRecorder()
    sys.meta_path.insert(0, recorder)
    with patch("asyncio.timeout", marked_timeout):
        answers = await asyncio.gather(*calls(sys.argv[1:]))
    statuses = [str(answer.status_code) for answer in answers]
    found = (recorder.late, recorder.unguarded, recorder.on_the_loop, recorder.in_a_timeout)
    for names in (statuses, *map(sorted, found)):
        sys.stdout.write(" ".join(names) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
