"""Calls of one caller, one after the other."""

import http.client
import json
import time
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from itertools import count
from urllib.parse import urlsplit

TRACK_IDS = count()
PIECE = 2**20
"""Bytes of a body that are read at once."""


class Caller:
    """A keep-alive connection; it has the last answer and the length of its body."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._headers = dict(headers)
        self.answered: http.client.HTTPResponse
        self.length = 0

    def ms(self, method: str, path: str, body: object = None) -> float:
        """Send a request; return the milliseconds until the last byte of its answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": "application/json"} if data else {})
        began = time.perf_counter()
        self._connection.request(method, path, data, headers)
        answer = self._connection.getresponse()
        self.length = sum(map(len, iter(partial(answer.read, PIECE), b"")))
        self.answered = answer
        if answer.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{method} {path} answered {answer.status}")
        return (time.perf_counter() - began) * 1000

    def close(self) -> None:
        self._connection.close()


def record(genre: str) -> dict[str, object]:
    """Return a new record."""
    number = f"{time.time_ns():016x}{next(TRACK_IDS):06d}"
    return {
        "genre": genre,
        "artist_name": "Benchmark",
        "track_name": f"Number {number}",
        "track_id": number[-22:],
        "popularity": 50,
        "duration_ms": 200_000,
    }


def reads(
    url: str, path: str, headers: Mapping[str, str], times: int, pause: float = 0.0
) -> list[float]:
    """Return the times (ms) of reads with `pause` seconds before each."""
    seen = []
    with closing(Caller(url, headers)) as caller:
        for _ in range(times):
            time.sleep(pause)
            seen.append(caller.ms("GET", path))
    return seen
