"""What fills cost: a cold list alone, for many at once, and beside readers of another list."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.single_caller import Caller
from shared.repository.versions import ALL
from shared.services import Services
from shared.settings import Settings

FIRST_RECORD = "/features?limit=1"
"""Needs the whole list to be filled, and next to nothing to be sent."""


class Voider:
    """Makes every copy of a list void, as an admin's purge does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        settings = Settings.load(
            redis_url=environment["REDIS_URL"], sqlite_path=Path(environment["SQLITE_PATH"])
        )
        self._services = Services(settings)
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.run(self._services.close())
        self._runner.close()

    def void(self) -> None:
        self._runner.run(self._services.writer.purge([ALL]))


@dataclass(slots=True)
class Stampede:
    """What many callers of one cold list saw, in ms, and how many lists were filled for them."""

    times: list[float] = field(default_factory=list)
    fills: int = 0


def colds(
    url: str, voider: Voider, path: str, headers: Mapping[str, str], times: int
) -> list[float]:
    """Each a read of a list that no copy is left of, everything else being ready."""
    seen = []
    with closing(Caller(url, headers)) as caller:
        caller.ms("GET", path)
        for _ in range(times):
            voider.void()
            seen.append(caller.ms("GET", path))
    return seen


def stampede(url: str, voider: Voider, clients: int) -> Stampede:
    """So many callers at once."""
    seen, ready = Stampede(), threading.Barrier(clients + 1)

    def call() -> None:
        with closing(Caller(url, {})) as caller:
            caller.ms("GET", "/api/version")
            ready.wait()
            seen.times.append(caller.ms("GET", FIRST_RECORD))
            status = caller.answered.headers["Cache-Status"]
            seen.fills += "fwd=miss" in status and "collapsed" not in status

    with ThreadPoolExecutor(clients) as callers:
        calls = [callers.submit(call) for _ in range(clients)]
        voider.void()
        ready.wait()
        for done in calls:
            done.result()
    return seen


@contextmanager
def filling(url: str, environment: Mapping[str, str]) -> Iterator[list[float]]:
    """The list of all genres is filled again and again meanwhile; answers how long each took."""
    stop, seen = threading.Event(), list[float]()

    def fill() -> None:
        with closing(Voider(environment)) as voider, closing(Caller(url, {})) as caller:
            while not stop.is_set():
                voider.void()
                seen.append(caller.ms("GET", FIRST_RECORD))

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
