"""Two instances of a contender, with a Redis and a database of their own."""

import http.client
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from local.process import Child, free_port
from local.redis_server import RedisServer

START_SECONDS = 180.0
SQL_SECONDS = 60.0
NO_HEADERS: Final[Mapping[str, str]] = {}

type Start = Callable[[Mapping[str, str], int], Child]
"""Starts an instance with these settings on this port."""


class Instance:
    """A process on a port that it keeps through kills and restarts."""

    def __init__(self, start: Start, settings: Mapping[str, str]) -> None:
        self._start, self._settings = start, settings
        self.port = free_port()
        self.child = start(settings, self.port)

    def wait(self) -> None:
        """Wait until it answers. Raises StartError with its output."""
        self.child.wait_until(self._answers, START_SECONDS)

    def _answers(self) -> bool:
        """Whether it answers at all: the product's host listens before it has loaded the app."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with suppress(OSError, http.client.HTTPException), closing(connection):
            connection.request("GET", "/")
            connection.getresponse().read()
            return True
        return False

    def kill(self) -> None:
        """Kill it without a clean end (SIGKILL)."""
        self.child.signal(signal.SIGKILL)
        self.child.wait()
        self.child.stop()

    def restart(self) -> None:
        """Start it again after `kill`, without waiting until it answers."""
        self.child = self._start(self._settings, self.port)

    def stop(self) -> None:
        self.child.stop()


@dataclass(frozen=True)
class Pair:
    """The two instances, what they share, and the headers of a caller who may write."""

    instances: tuple[Instance, Instance]
    redis: RedisServer
    database: Path
    headers: Mapping[str, str]

    def stored(self) -> set[str]:
        """Return the ids of all records that are committed in SQL."""
        with closing(sqlite3.connect(self.database, timeout=SQL_SECONDS)) as connection:
            return {row[0] for row in connection.execute("SELECT track_id FROM features")}

    def has_stored(self, track_id: str) -> bool:
        """Whether SQL has the record."""
        query = "SELECT 1 FROM features WHERE track_id = ?"
        with closing(sqlite3.connect(self.database, timeout=SQL_SECONDS)) as connection:
            return connection.execute(query, [track_id]).fetchone() is not None


@contextmanager
def running_pair(
    start: Start,
    template: Path,
    settings: Mapping[str, str],
    headers: Mapping[str, str] = NO_HEADERS,
) -> Iterator[Pair]:
    """Start two instances with an empty Redis and, beside `template`, a copy of that database."""
    with TemporaryDirectory(dir=template.parent) as name, ExitStack() as running:
        folder = Path(name)
        database = Path(shutil.copy(template, folder / "records.sqlite"))
        redis = running.enter_context(RedisServer(folder))
        own = {**settings, "REDIS_URL": redis.url, "SQLITE_PATH": str(database)}
        pair = _started(start, own, running), _started(start, own, running)
        for instance in pair:
            instance.wait()
        yield Pair(pair, redis, database, headers)


def _started(start: Start, settings: Mapping[str, str], running: ExitStack) -> Instance:
    instance = Instance(start, settings)
    running.callback(instance.stop)
    return instance
