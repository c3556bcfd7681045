"""A local server in place of Application Insights' ingestion, which keeps all that is sent."""

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
    """Keeps what arrives. `refuse` is a status to answer with instead; `hold` stops answering."""

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
        """Answer no request until `release`."""
        self._held.clear()

    def release(self) -> None:
        self._held.set()

    def envelopes(self, kind: str = "") -> list[Envelope]:
        """Return all envelopes, or those of a kind, such as Request or Metric."""
        with self._arrived:
            return [one for one in self._envelopes if one["name"].endswith(f".{kind}") or not kind]

    def wait_for[T](self, find: Callable[[], T], seconds: float = LONG_SECONDS) -> T:
        """Return the first true result of `find`, or its last result after `seconds`."""
        with self._arrived:
            self._arrived.wait_for(lambda: bool(find()), seconds)
            return find()

    def take(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Keep a POST; return the status and the body of the answer."""
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
    """Run a sink on a free port of 127.0.0.1."""

    def answer(asked: Asked) -> Answer:
        packed = asked.headers.get("Content-Encoding") == "gzip"
        body = gzip.decompress(asked.body) if packed else asked.body
        status, content = sink.take(asked.path.partition("?")[0], body)
        return status, {"Content-Type": "application/json"}, content

    with serving(answer, keep_alive=True) as url:
        sink = Sink(f"{url}/")
        try:
            yield sink
        finally:
            sink.release()
