"""The usual design: a JSON text in Redis, deleted after the commit.

`response_model=None` is the same as a function without a return type, as most are written.
"""

import json
import os
from typing import Any

import redis
from fastapi import FastAPI

from benchmarks.rivals import rows

app = FastAPI()
cache = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
LIFE = 3600


def cached(key: str, genre: str | None) -> list[dict[str, Any]]:
    """Return the list from Redis, else read it from SQL and store it there."""
    if (text := cache.get(key)) is not None:
        records: list[dict[str, Any]] = json.loads(str(text))
        return records
    records = rows.read(genre)
    cache.setex(key, LIFE, json.dumps(records))
    return records


@app.get("/features", response_model=None)
def features() -> Any:
    return cached("naive:all", None)


@app.get("/features/custom", response_model=None)
def genre(arg: str) -> Any:
    return cached(f"naive:{arg}", arg)


@app.post("/features/new", status_code=201)
def create(record: dict[str, Any]) -> dict[str, Any]:
    rows.write(record)
    cache.delete("naive:all", f"naive:{record['genre']}")
    return record
