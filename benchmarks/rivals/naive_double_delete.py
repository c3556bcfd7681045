"""The naive design with a second, delayed deletion, which is to catch lists stored too late.

In the textbook the first deletion stands before the write. Here it stands after the commit, as in
`naive`: a caller who has the 201 would otherwise read the old list until the second deletion.
"""

import time
from typing import Any

from fastapi import BackgroundTasks, FastAPI

from benchmarks.rivals import naive, rows

DELAY_SECONDS = 0.5

app = FastAPI()
app.get("/features", response_model=None)(naive.features)
app.get("/features/custom", response_model=None)(naive.genre)


@app.post("/features/new", status_code=201)
def create(record: dict[str, Any], later: BackgroundTasks) -> dict[str, Any]:
    rows.write(record)
    delete(record["genre"])
    later.add_task(delete, record["genre"], DELAY_SECONDS)
    return record


def delete(genre: str, delay: float = 0.0) -> None:
    time.sleep(delay)
    naive.cache.delete("naive:all", f"naive:{genre}")
