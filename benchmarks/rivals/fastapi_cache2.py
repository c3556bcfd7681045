"""fastapi-cache2 as its README shows it: a decorator on a route that declares no type."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi_cache import FastAPICache
from fastapi_cache.backends.redis import RedisBackend
from fastapi_cache.decorator import cache
from redis import asyncio as redis

from benchmarks.rivals import rows

LIFE = 3600


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    FastAPICache.init(RedisBackend(redis.from_url(os.environ["REDIS_URL"])), prefix="fc2")
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/features", response_model=None)
@cache(expire=LIFE)
def features() -> Any:
    return rows.read(None)


@app.get("/features/custom", response_model=None)
@cache(expire=LIFE)
def genre(arg: str) -> Any:
    return rows.read(arg)


@app.post("/features/new", status_code=201)
async def create(record: dict[str, Any]) -> dict[str, Any]:
    rows.write(record)
    await FastAPICache.clear()
    return record
