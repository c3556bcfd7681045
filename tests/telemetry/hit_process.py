"""A process that serves requests to itself, without HTTP: what telemetry_cost.py measures."""

import asyncio
import gc
import os
import random
import sys
import time
from typing import Any, Final

import uvloop

from local import worker
from local.asgi import PlatformFront
from local.hosted import REPOSITORY
from local.routes import Router, route_prefix
from local.tracing import Tracing
from local.worker import HTTP_TRIGGER
from tests.telemetry.received_traces import Caller

READY: Final = "hits: "
"""Begins each line of output: first when it is ready, then with the µs per hit of each round."""


async def main() -> None:
    """For each input line `N PATH`, serve PATH N times and print the time."""
    functions = await worker.index(REPOSITORY)
    http = [function for function in functions if function.trigger == HTTP_TRIGGER]
    # Spans of the host are not measured: here the caller's headers carry the trace.
    front = PlatformFront(Router(http, route_prefix(REPOSITORY)), Tracing())
    kept = float(os.environ.get("KEPT", "0"))
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        hits, path = line.split()
        sys.stdout.write(f"{READY}{await _serve(front, path, int(hits), kept)}\n")
        sys.stdout.flush()


async def _serve(front: PlatformFront, path: str, hits: int, kept: float) -> float:
    scopes = [_scope(path, "01" if random.random() < kept else "00") for _ in range(hits)]  # noqa: S311
    gc.collect()
    before = time.process_time()
    for scope in scopes:
        # The worker also runs each invocation as a task of its own.
        await asyncio.create_task(_hit(front, scope))
    return (time.process_time() - before) / hits * 1e6


def _scope(path: str, flags: str) -> dict[str, Any]:
    name, _, query = path.partition("?")
    headers = {**Caller().headers(flags), "host": "127.0.0.1", "accept-encoding": "gzip"}
    return {
        "type": "http",
        "method": "GET",
        "path": name,
        "raw_path": name.encode(),
        "query_string": query.encode(),
        "scheme": "http",
        "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        "client": ("127.0.0.1", 1),
    }


async def _hit(front: PlatformFront, scope: dict[str, Any]) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200

    await front(scope, receive, send)


if __name__ == "__main__":
    asyncio.run(main(), loop_factory=uvloop.new_event_loop)
