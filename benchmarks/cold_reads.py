"""Reads of lists that must be filled: by one caller, by many at once, and again and again."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.single_caller import Caller
from shared.services import Services
from shared.settings import Settings
from shared.tracks.genres import ALL

FIRST_RECORD = "/features?limit=1"
"""A read for which the whole list is filled, but little is sent."""

type Purge = Callable[[], object]
"""Invalidates the list of all genres."""


class Purger:
    """Invalidates the list of all genres, as an admin's purge does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        settings = Settings.load(
            redis_url=environment["REDIS_URL"], sqlite_path=Path(environment["SQLITE_PATH"])
        )
        self._services = Services(settings)
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.run(self._services.close())
        self._runner.close()

    def purge(self) -> None:
        self._runner.run(self._services.writer.purge([ALL]))


@dataclass(slots=True)
class Stampede:
    """The times of many callers of one cold list (ms), and the fills that they caused."""

    times: list[float] = field(default_factory=list)
    fills: int = 0


def cold_reads(
    url: str, purge: Purge, path: str, headers: Mapping[str, str], times: int
) -> list[float]:
    """Return the times (ms) of `times` reads, each after a purge, on a warm connection."""
    seen = []
    with closing(Caller(url, headers)) as caller:
        caller.ms("GET", path)
        for _ in range(times):
            purge()
            seen.append(caller.ms("GET", path))
    return seen


def stampede(url: str, purge: Purge, clients: int) -> Stampede:
    """Let `clients` callers read a cold list at once."""
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
        purge()
        ready.wait()
        for done in calls:
            done.result()
    return seen


@contextmanager
def filling(url: str, purge: Purge) -> Iterator[list[float]]:
    """Fill the list of all genres again and again during the block; yields the times (ms)."""
    stop, seen = threading.Event(), list[float]()

    def fill() -> None:
        with closing(Caller(url, {})) as caller:
            while not stop.is_set():
                purge()
                seen.append(caller.ms("GET", FIRST_RECORD))

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
