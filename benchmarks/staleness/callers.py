"""Readers that read one list without a pause, and writers, over HTTP."""

import http.client
import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import urlencode

from benchmarks.staleness.history import WRITTEN, History, Read, Write, new_track_id
from benchmarks.staleness.instances import Instance, Pair
from local.process import StartError

READERS_EACH = 2
READ_TIMEOUT, WRITE_TIMEOUT = 15.0, 30.0
"""How long a caller waits for an answer."""

RETRY_SECONDS = 0.05
"""The pause of a reader whose request failed, so that a killed instance is not asked in a loop."""

TURN_SECONDS = COMMIT_SECONDS = FIRST_SECONDS = 60.0
"""Only a machine that is far too busy takes that long."""

WRITERS = 64


class Reader:
    """A keep-alive connection to an instance, and its last answer."""

    def __init__(self, instance: Instance) -> None:
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", instance.port, timeout=READ_TIMEOUT
        )
        self._body, self._shown = b"", frozenset[str]()
        self.turns = 0

    def read(self, genre: str) -> Read:
        """Read a list; whatever goes wrong is a read that shows nothing."""
        began = time.monotonic()
        try:
            shown, is_hit = self._answer(genre)
        except (OSError, http.client.HTTPException):
            self._connection.close()
            shown, is_hit = None, False
        self.turns += 1
        return Read(genre, began, time.monotonic(), shown, is_hit)

    def _answer(self, genre: str) -> tuple[frozenset[str] | None, bool]:
        self._connection.request("GET", f"/features/custom?{urlencode({'arg': genre})}")
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != HTTPStatus.OK:
            return None, False
        if body != self._body:
            self._body, self._shown = body, _written(body)
        return self._shown, "; hit" in answer.getheader("Cache-Status", "")

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Post:
    """A POST under way."""

    write: Write
    answered: Future[None]


class Callers:
    """Readers of the genre `genre` at both instances, and the writers of the same pair."""

    def __init__(self, pair: Pair, history: History, genre: str) -> None:
        self._pair, self._history = pair, history
        self.genre = genre
        self._over = threading.Event()
        self._readers = [
            Reader(instance) for instance in pair.instances for _ in range(READERS_EACH)
        ]
        self._threads = [threading.Thread(target=self._read, args=[one]) for one in self._readers]
        self._writers = ThreadPoolExecutor(WRITERS)

    def write(self, instance: Instance) -> "Post":
        """Begin to POST a new record of the genre."""
        write = Write(self.genre, new_track_id())
        self._history.writes.append(write)
        return Post(write, self._writers.submit(post, instance, write, self._pair.headers))

    def write_and_kill(self, instance: Instance) -> None:
        """Kill the instance as soon as SQL has a record of it. Raises TimeoutError."""
        give_up = time.monotonic() + COMMIT_SECONDS
        begun = self.write(instance)
        while not self._pair.has_stored(begun.write.track_id):
            if time.monotonic() > give_up:
                raise TimeoutError("no write is committed")
            if begun.answered.done():  # refused: a busy process may have waited too long
                begun = self.write(instance)
            time.sleep(0.001)
        instance.kill()
        begun.answered.result()

    def take_turns(self, turns: int) -> None:
        """Wait until every reader has ended `turns` reads that began later than this call."""
        give_up = time.monotonic() + TURN_SECONDS
        wanted = [reader.turns + turns + 1 for reader in self._readers]
        while any(one.turns < least for one, least in zip(self._readers, wanted, strict=True)):
            if time.monotonic() > give_up:
                raise TimeoutError("the readers get no answers")
            time.sleep(0.001)

    def _read(self, reader: Reader) -> None:
        with closing(reader):
            while not self._over.is_set():
                read = reader.read(self.genre)
                self._history.reads.append(read)
                if read.shown is None:
                    self._over.wait(RETRY_SECONDS)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait until every read and write has ended; after an error, let them fail at once."""
        self._over.set()
        if kind is not None:
            for instance in self._pair.instances:
                instance.kill()
        self._writers.shutdown(cancel_futures=kind is not None)
        for thread in self._threads:
            thread.join()


class Ticker:
    """Writes every `seconds` at the instances in turn, however long each write takes."""

    def __init__(self, callers: Callers, instances: Sequence[Instance], seconds: float) -> None:
        self._callers, self._instances, self._seconds = callers, instances, seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        due, turn = time.monotonic(), 0
        while not self._over.wait(max(0.0, due - time.monotonic())):
            self._callers.write(self._instances[turn % len(self._instances)])
            due, turn = due + self._seconds, turn + 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Begin no further write."""
        self._over.set()
        self._thread.join()


def warm_up(pair: Pair, genre: str) -> None:
    """Write once at each instance, which loads libraries for it; these writes are not counted.

    Raises StartError if no write succeeds.
    """
    for instance in pair.instances:
        give_up = time.monotonic() + FIRST_SECONDS
        while not _succeeds(instance, genre, pair.headers):
            if time.monotonic() > give_up:
                raise StartError(f"no write succeeds\n{instance.child.output()[-2000:]}")
            time.sleep(RETRY_SECONDS)


def _succeeds(instance: Instance, genre: str, headers: Mapping[str, str]) -> bool:
    write = Write(genre, new_track_id())
    post(instance, write, headers)
    return write.acknowledged is not None


def post(instance: Instance, write: Write, headers: Mapping[str, str]) -> None:
    """POST the record; note the moment at which its 201 has arrived."""
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=WRITE_TIMEOUT)
    body = json.dumps(_record(write)).encode()
    try:
        with closing(connection):
            given = {"Content-Type": "application/json", **headers}
            connection.request("POST", "/features/new", body, given)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return
    if status == HTTPStatus.CREATED:
        write.acknowledged = time.monotonic()


def _record(write: Write) -> Mapping[str, object]:
    return {
        "genre": write.genre,
        "artist_name": "Benchmark",
        "track_name": "Written during the run",
        "track_id": write.track_id,
        "popularity": 50,
        "duration_ms": 200_000,
    }


def _written(body: bytes) -> frozenset[str]:
    """Return the ids of the records in a list that were written during the run."""
    return frozenset(
        record["track_id"] for record in json.loads(body) if record["track_id"].startswith(WRITTEN)
    )
