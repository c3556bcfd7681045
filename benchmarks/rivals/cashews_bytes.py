"""cashews at its best: serialised bytes are cached and sent unchanged."""

import json
import os
from typing import Any

from cashews import cache
from fastapi import FastAPI, Response

from benchmarks.rivals import rows

app = FastAPI()
cache.setup(os.environ["REDIS_URL"], client_side=False)


@cache(ttl="1h", key="cashews:all")
async def everything() -> bytes:
    return json.dumps(rows.read(None)).encode()


@cache(ttl="1h", key="cashews:{genre}")
async def of_genre(genre: str) -> bytes:
    return json.dumps(rows.read(genre)).encode()


@app.get("/features")
async def features() -> Response:
    return Response(await everything(), media_type="application/json")


@app.get("/features/custom")
async def genre(arg: str) -> Response:
    return Response(await of_genre(arg), media_type="application/json")


@app.post("/features/new", status_code=201)
async def create(record: dict[str, Any]) -> dict[str, Any]:
    rows.write(record)
    await cache.delete("cashews:all")
    await cache.delete(f"cashews:{record['genre']}")
    return record
