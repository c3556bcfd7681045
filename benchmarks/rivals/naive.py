"""The design that everybody copies: a JSON text in Redis, deleted after the commit."""

import json
import os
from typing import Any

import redis
from fastapi import FastAPI

from benchmarks.rivals import rows

app = FastAPI()
cache = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
LIFE = 3600


def _list(key: str, genre: str | None) -> Any:
    if (text := cache.get(key)) is not None:
        return json.loads(str(text))
    records = rows.read(genre)
    cache.setex(key, LIFE, json.dumps(records))
    return records


@app.get("/features")
def features() -> Any:
    return _list("naive:all", None)


@app.get("/features/custom")
def genre(arg: str) -> Any:
    return _list(f"naive:{arg}", arg)


@app.post("/features/new", status_code=201)
def create(record: dict[str, Any]) -> dict[str, Any]:
    rows.write(record)
    cache.delete("naive:all", f"naive:{record['genre']}")
    return record
