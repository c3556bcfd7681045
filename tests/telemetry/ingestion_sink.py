"""A local stand-in for Application Insights' ingestion: it keeps whatever an exporter sends."""

import gzip
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.services.http_server import Answer, Asked, serving
from tests.services.long_timeouts import LONG_SECONDS

TRACK: Final = "/v2.1/track"

type Envelope = dict[str, Any]


class Sink:
    """What arrived. `refuse` answers with a status instead, `hold` answers nothing for a while."""

    def __init__(self, endpoint: str) -> None:
        endpoints = f"IngestionEndpoint={endpoint};LiveEndpoint={endpoint}"
        self.key = str(uuid.uuid4())
        self.connection_string = f"InstrumentationKey={self.key};{endpoints}"
        self.refuse = 0
        self.posts = 0
        self.raw: list[bytes] = []
        self._held = threading.Event()
        self._held.set()
        self._arrived = threading.Condition()
        self._envelopes: list[Envelope] = []

    def hold(self) -> None:
        """From now on answer nobody, until `release`."""
        self._held.clear()

    def release(self) -> None:
        self._held.set()

    def envelopes(self, kind: str = "") -> list[Envelope]:
        """All, or those of a kind: Request, RemoteDependency, Message, Exception, Metric."""
        with self._arrived:
            return [one for one in self._envelopes if one["name"].endswith(f".{kind}") or not kind]

    def wait_for[T](self, find: Callable[[], T], seconds: float = LONG_SECONDS) -> T:
        """What `find` answers once that is true; its last answer when time runs out."""
        with self._arrived:
            self._arrived.wait_for(lambda: bool(find()), seconds)
            return find()

    def take(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Keep a post; the status and the body of the answer."""
        with self._arrived:
            self.posts += 1
            self.raw.append(path.encode() + body)
            refused = self.refuse
            items = json.loads(body or b"[]") if path == TRACK and not refused else []
            self._envelopes += items
            self._arrived.notify_all()
        self._held.wait()
        answer = {"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}
        return refused or 200, json.dumps(answer).encode()


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink on a free port of 127.0.0.1."""

    def answer(asked: Asked) -> Answer:
        packed = asked.headers.get("Content-Encoding") == "gzip"
        body = gzip.decompress(asked.body) if packed else asked.body
        status, told = sink.take(asked.path.partition("?")[0], body)
        return status, {"Content-Type": "application/json"}, told

    with serving(answer, keep_alive=True) as url:
        sink = Sink(f"{url}/")
        try:
            yield sink
        finally:
            sink.release()
