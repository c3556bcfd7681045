"""The steps of the benchmark: which contender gets which load, and for how long."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import redis

from benchmarks.cold_reads import FIRST_RECORD, Purger, cold_reads, filling, stampede
from benchmarks.editor import editor_headers
from benchmarks.results import Cell, Results
from benchmarks.servers import RIVALS, Server, nginx, product, rival, under_func
from benchmarks.single_caller import reads, reads_after_writes, writes
from benchmarks.wrk import run
from local.services import AUTH_PROJECT, start_auth_emulator

GZIP = {"Accept-Encoding": "gzip"}
PRODUCT = "smart cache"
FUNC = "smart cache, func"
"""Measured only if Azure Functions Core Tools are on the PATH."""

REBUILD_SECONDS = 0.5
"""Time in which a genre's list is certainly rebuilt."""

COLDS = 5
STAMPEDE = 64
TURNS = 5
ALONE, DURING_FILLS = "genre, alone", "genre, beside fills"

ALL, GENRE, PAGE = "/features", "/features/custom?arg=Pop", "/features?limit=100"
WRITTEN = "/features/custom?arg=Dance"
"""The list that the benchmark writes to."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds per load for quick and slow answers, numbers of clients, repeats of single calls."""

    quick: int
    slow: int
    many: tuple[int, ...]
    repeats: int


FULL = Plan(quick=5, slow=12, many=(1, 8, 64), repeats=30)
SHORT = Plan(quick=2, slow=5, many=(1, 8), repeats=8)


class Benchmark:
    """Runs a plan with one database and one Redis."""

    def __init__(self, plan: Plan, database: Path, redis_url: str, results: Results) -> None:
        self._plan = plan
        self._redis_url = redis_url
        self._environment = {"REDIS_URL": redis_url, "SQLITE_PATH": str(database)}
        self._results = results

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the name and the work of each step; steps run one at a time."""
        for name in RIVALS:
            yield name, partial(self._rival, name)
        yield PRODUCT, self._product
        yield f"{PRODUCT}, while lists are filled", self._during_fills
        yield f"{PRODUCT}, every list", self._every_list
        yield f"{PRODUCT}, no memory copies", self._from_redis
        yield f"{PRODUCT}, writing", self._writing
        yield "nginx", self._nginx
        if shutil.which("func"):
            yield FUNC, self._under_func

    def _rival(self, name: str) -> None:
        plan, note = self._plan, self._results.note
        with self._fresh(rival(name, self._environment)) as server:
            note(name, "cold", [self._cold_rival(server.url) for _ in range(COLDS)])
            for clients in plan.many[:2]:
                self._load(server, name, "hit", ALL, {}, clients, plan.slow)
                server.settle()
                self._load(server, name, "genre", GENRE, {}, clients, plan.quick)
                server.settle()
            note(name, "write", writes(server.url, {}, plan.repeats))
            note(name, "read after write", reads_after_writes(server.url, {}, plan.repeats, 0))
            note(name, "peak MiB", [server.peak_mib()])

    def _product(self) -> None:
        note = self._results.note
        with self._fresh(product(self._environment)) as server:
            self._fills(server)
            known = GZIP | {"If-None-Match": _etag(server.url)}
            for clients in self._plan.many:
                for task, path, headers in (
                    ("hit", ALL, {}),
                    ("hit, gzip", ALL, GZIP),
                    ("304", ALL, known),
                    ("page", PAGE, GZIP),
                    ("genre", GENRE, GZIP),
                ):
                    seconds = self._plan.quick
                    self._load(server, PRODUCT, task, path, headers, clients, seconds)
            note(PRODUCT, "peak MiB", [server.peak_mib()])

    def _under_func(self) -> None:
        with self._fresh(under_func(self._environment)) as server:
            known = GZIP | {"If-None-Match": _etag(server.url)}
            for clients in self._plan.many:
                for task, headers in (("hit", {}), ("hit, gzip", GZIP), ("304", known)):
                    self._load(server, FUNC, task, ALL, headers, clients, self._plan.quick)

    def _fills(self, server: Server) -> None:
        note = self._results.note
        with closing(Purger(self._environment)) as purger:
            note(PRODUCT, "cold", cold_reads(server.url, purger, ALL, GZIP, COLDS))
            alone = cold_reads(server.url, purger, FIRST_RECORD, {}, COLDS)
            many = stampede(server.url, purger, STAMPEDE)
        note(PRODUCT, "cold, one record", alone)
        note(PRODUCT, f"cold, one record, slowest of {STAMPEDE}", [max(many.times)])
        note(PRODUCT, f"fills for {STAMPEDE} callers", [many.fills])

    def _during_fills(self) -> None:
        """Measure a hit on one list, in turns alone and while another list is filled."""
        with self._fresh(product(self._environment)) as server:
            reads(server.url, GENRE, GZIP, 100)
            for _ in range(TURNS):
                self._load(server, PRODUCT, ALONE, GENRE, GZIP, 1, self._plan.quick)
                with filling(server.url, self._environment) as fills:
                    self._load(server, PRODUCT, DURING_FILLS, GENRE, GZIP, 1, self._plan.quick)
            self._results.note(PRODUCT, "fill beside a reader", fills)

    def _every_list(self) -> None:
        with self._fresh(product(self._environment)) as server:
            for genre in _genres(server.url):
                reads(server.url, f"/features/custom?{urlencode({'arg': genre})}", GZIP, 2)
            reads(server.url, ALL, GZIP, 2)
            reads(server.url, ALL, {}, 2)
            self._results.note(PRODUCT, "peak MiB, every list", [server.peak_mib()])

    def _cold_rival(self, url: str) -> float:
        """Measure a rival's read of a list that is not in Redis; its other caches are warm."""
        reads(url, WRITTEN, {}, 1)
        _empty(self._redis_url)
        return reads(url, ALL, {}, 1)[0]

    def _from_redis(self) -> None:
        environment = self._environment | {"CACHE_MEMORY_MB": "0"}
        with self._fresh(product(environment)) as server:
            reads(server.url, ALL, GZIP, 1)
            for clients in self._plan.many[:2]:
                seconds = self._plan.quick
                self._load(server, PRODUCT, "hit from Redis", ALL, GZIP, clients, seconds)

    def _writing(self) -> None:
        times, note = self._plan.repeats, self._results.note
        with self._signed_in({}) as (url, headers):
            note(PRODUCT, "write", writes(url, headers, times))
            note(PRODUCT, "read after write", reads_after_writes(url, headers, times, 0))
        with self._signed_in({"CACHE_REBUILD_AFTER_WRITE": "true"}) as (url, headers):
            rebuilt = reads_after_writes(url, headers, times, REBUILD_SECONDS)
            note(PRODUCT, "read after rebuild", rebuilt)
            hits = reads(url, WRITTEN, headers, times, REBUILD_SECONDS)
            note(PRODUCT, "genre hit after the same pause", hits)

    @contextmanager
    def _signed_in(self, changes: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield the product's URL and the headers of a user who may write."""
        emulator = start_auth_emulator().wait()
        environment = {
            **self._environment,
            **changes,
            "FIREBASE_PROJECT_ID": AUTH_PROJECT,
            "FIREBASE_API_KEY": "emulator",
            "FIREBASE_AUTH_EMULATOR_HOST": emulator.address,
        }
        with emulator.process, self._fresh(product(environment)) as server:
            yield server.url, GZIP | editor_headers(server.url, environment)

    def _nginx(self) -> None:
        with TemporaryDirectory() as directory:
            folder = Path(directory)
            folder.chmod(0o755)
            with self._fresh(product(self._environment)) as server:
                (folder / "features").write_bytes(_get(server.url + ALL, {}))
                (folder / "features.gz").write_bytes(_get(server.url + ALL, GZIP))
            with nginx(folder) as server:
                for clients in self._plan.many:
                    self._load(server, "nginx", "hit", ALL, {}, clients, self._plan.quick)
                    self._load(server, "nginx", "hit, gzip", ALL, GZIP, clients, self._plan.quick)

    @contextmanager
    def _fresh(self, starting: AbstractContextManager[Server]) -> Iterator[Server]:
        """Start the server with an empty Redis; add its output to an error of the block."""
        _empty(self._redis_url)
        with starting as server:
            try:
                yield server
            except RuntimeError as error:
                raise RuntimeError(f"{error}\n{server.child.output()[-2000:]}") from error

    def _load(  # noqa: PLR0917 -- the columns of one row
        self,
        server: Server,
        contender: str,
        task: str,
        path: str,
        headers: Mapping[str, str],
        clients: int,
        seconds: int,
    ) -> None:
        before = server.cpu_seconds()
        load = run(server.url + path, clients, seconds, headers)
        cpu_ms = (server.cpu_seconds() - before) * 1000 / max(1, load.requests)
        self._results.cells.append(Cell(contender, task, load, cpu_ms))


def _empty(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    client.close()


def _genres(url: str) -> list[str]:
    records = json.loads(_get(url + ALL, {}))
    return sorted({record["genre"] for record in records})


def _get(url: str, headers: Mapping[str, str]) -> bytes:
    with urlopen(Request(url, headers=dict(headers))) as answer:  # noqa: S310 -- our own address
        data: bytes = answer.read()
        return data


def _etag(url: str) -> str:
    request = Request(url + ALL, headers=GZIP, method="HEAD")  # noqa: S310 -- our own address
    with urlopen(request) as answer:  # noqa: S310 -- our own address
        return str(answer.headers["ETag"])
