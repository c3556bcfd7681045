"""Contenders that are certainly right, or certainly wrong: apps for uvicorn without a framework.

`right` reads every list in SQL. `wrong` is the naive design in the interleaving that it loses: a
reader has read SQL before the commit and stores its list after the deletion. Here each write does
that itself, so that it always happens.
"""

import json
import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import redis

from benchmarks.rivals import rows

type Call = Callable[..., Awaitable[Any]]


class App:
    """An ASGI app with the two routes of the rivals."""

    def __init__(self, listed: Callable[[str], str], write: Callable[[Any], None]) -> None:
        self._listed, self._write = listed, write

    async def __call__(self, scope: Any, receive: Call, send: Call) -> None:
        if scope["method"] == "POST":
            record = json.loads((await receive())["body"])
            self._write(record)
            status, text = 201, json.dumps(record)
        else:
            (genre,) = parse_qs(scope["query_string"].decode()).get("arg", ["none"])
            status, text = 200, self._listed(genre)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": text.encode()})


def _from_sql(genre: str) -> str:
    return json.dumps(rows.read(genre))


def _from_redis(genre: str) -> str:
    found = _cache().get(genre)
    if found is None:
        _cache().set(genre, _from_sql(genre), ex=3600, nx=True)  # never after a write's old list
        return _from_sql(genre)
    return str(found)


def _write_and_lose_the_race(record: Any) -> None:
    before = _from_sql(record["genre"])
    rows.write(record)
    _cache().delete(record["genre"])
    _cache().set(record["genre"], before, ex=3600)


def _cache() -> redis.Redis:
    return redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


right = App(_from_sql, rows.write)
wrong = App(_from_redis, _write_and_lose_the_race)
