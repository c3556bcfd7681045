"""The naive design at its best: a return type, which FastAPI since 0.130 serialises in Rust."""

from typing import Any

from fastapi import FastAPI

from benchmarks.rivals import naive

app = FastAPI()


@app.get("/features")
def features() -> list[dict[str, Any]]:
    return naive.cached("naive:all", None)


@app.get("/features/custom")
def genre(arg: str) -> list[dict[str, Any]]:
    return naive.cached(f"naive:{arg}", arg)


app.post("/features/new", status_code=201)(naive.create)
