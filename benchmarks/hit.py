"""Measures a hit inside the process, without HTTP: `python -m benchmarks.hit`.

Needs REDIS_URL and a loaded database, such as those of a running `make run`.
"""

import asyncio
import sys
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median
from time import perf_counter
from types import CodeType
from typing import Any, Final

import azure.functions as func
from rich.console import Console
from rich.table import Table

from function_app import ROUTES
from local.hosted import REPOSITORY
from shared.cache.store import NoStore
from shared.http.endpoint import endpoint
from shared.services import Services
from shared.settings import Settings
from shared.tracks.genres import ALL
from shared.tracks.track import View

type Work = Callable[[], Awaitable[Any]]

REPEATS: Final = 2000
WARM: Final = 50
_TOOL: Final = sys.monitoring.PROFILER_ID
_OURS: Final = REPOSITORY / "shared"


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytecode instructions by the place of the code, and the most bytes allocated at once."""

    instructions: Counter[str]
    peak_bytes: int

    @property
    def total(self) -> int:
        return self.instructions.total()


def request(path: str = "features", **headers: str) -> func.HttpRequest:
    """Return a GET request as the platform passes it to a function."""
    url = f"http://127.0.0.1:7071/{path}"
    return func.HttpRequest("GET", url, headers=headers, body=b"")


def reader(services: Services, **headers: str) -> Work:
    """Return a function that calls the handler of /features."""
    route = next(route for route in ROUTES if route.name == "features")
    handle = endpoint(route, services, ROUTES)
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: handle(request(**wanted))


async def cost(work: Work) -> Cost:
    """Measure one call, in figures that do not depend on the speed of the machine."""
    for _ in range(WARM):
        await work()
    tracemalloc.start()
    try:
        await work()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        await work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Cost(await _instructions(work), peak - before)


async def _instructions(work: Work) -> Counter[str]:
    monitoring, seen = sys.monitoring, Counter[CodeType]()

    def count(code: CodeType, _: int) -> None:
        seen[code] += 1

    monitoring.use_tool_id(_TOOL, "instructions of a hit")
    try:
        monitoring.register_callback(_TOOL, monitoring.events.INSTRUCTION, count)
        monitoring.set_events(_TOOL, monitoring.events.INSTRUCTION)
        await work()
        monitoring.set_events(_TOOL, monitoring.events.NO_EVENTS)
    finally:
        monitoring.free_tool_id(_TOOL)
    places = Counter[str]()
    for code, times in seen.items():
        places[_place(code.co_filename)] += times
    return places


def _place(file: str) -> str:
    """Return the package of a file: `shared/http`, `redis`, `asyncio`."""
    path = Path(file)
    if path.is_relative_to(_OURS):
        inside = path.relative_to(_OURS.parent).parts
        return "/".join(inside[:2]).removesuffix(".py")
    parts = path.parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return path.parent.name if path.parent.name != "python3.13" else path.stem


async def stages(services: Services) -> dict[str, float]:
    """Return the median milliseconds of a hit's stages, each of which contains the next."""
    whole, not_modified = reader(services, Accept_Encoding="gzip"), await _conditional(services)
    store = services.store
    if isinstance(store, NoStore):
        raise SystemExit("REDIS_URL is not set")
    parts: dict[str, Work] = {
        "answer, 200": whole,
        "answer, 304": not_modified,
        "list": lambda: services.reader.all(View.CORE),
        "required version": lambda: services.required.for_read(ALL, services.clock()),
        "Redis": lambda: store.known_version(ALL),
    }
    seen: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(REPEATS):
        for name, work in parts.items():
            began = perf_counter()
            await work()
            seen[name].append((perf_counter() - began) * 1000)
    return {name: median(times) for name, times in seen.items()}


async def _conditional(services: Services) -> Work:
    answer: Any = await reader(services, Accept_Encoding="gzip")()
    if answer.status_code != HTTPStatus.OK:
        raise SystemExit(answer.get_body().decode())
    return reader(services, Accept_Encoding="gzip", If_None_Match=answer.headers["ETag"])


async def main() -> None:
    """Print a table of times and one of instructions."""
    services, console = Services(Settings.load()), Console()
    table = Table("a hit's stage", "ms (median)", box=None)
    for name, ms in (await stages(services)).items():
        table.add_row(name, f"{ms:.3f}")
    console.print(table)
    measured = await cost(reader(services, Accept_Encoding="gzip"))
    table = Table("instructions of Python's bytecode", f"{measured.total:,}", box=None)
    for place, times in measured.instructions.most_common():
        table.add_row(place, f"{times:,}")
    console.print(table, f"memory allocated at once: {measured.peak_bytes:,} bytes")
    await services.close()


if __name__ == "__main__":
    asyncio.run(main())
