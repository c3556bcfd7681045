"""The contenders of a run: all of them run at once, and at most one is busy."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

import psutil
import redis

from benchmarks.cold_reads import Purger
from benchmarks.cpu import process_tree
from benchmarks.editor import editor_headers
from benchmarks.servers import (
    RIVALS,
    Server,
    constant_answers,
    nginx,
    product,
    redis_service,
    rival,
    under_func,
)
from local.services import AUTH_PROJECT, start_auth_emulator

PRODUCT: Final = "smart cache"
REBUILDING: Final = "smart cache, rebuilding"
"""With CACHE_REBUILD_AFTER_WRITE."""

NO_MEMORY: Final = "smart cache, no memory"
"""It keeps no list in the process: each hit is read from Redis."""

HOST: Final = "host"
"""A function of constant bytes behind the same functions host."""

NGINX: Final = "nginx"
FUNC: Final = "smart cache, func"
"""Started only if Azure Functions Core Tools are on the PATH."""

GZIP: Final = {"Accept-Encoding": "gzip"}
ALL: Final = "/features"

type Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Contender:
    """A running contender; `writer` are the headers of who may write."""

    name: str
    server: Server
    writer: Mapping[str, str] = field(default_factory=dict)
    redis: Sequence[psutil.Process] = ()
    forget: Callable[[], object] = lambda: None
    """Removes the list of all genres from its cache."""


class Contenders:
    """Starts contenders with one database and keeps them until the block ends."""

    def __init__(self, database: Path, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        emulator = start_auth_emulator().wait()
        self._stack.enter_context(emulator.process)
        self.environment: Environment = {
            "SQLITE_PATH": str(database),
            "FIREBASE_PROJECT_ID": AUTH_PROJECT,
            "FIREBASE_API_KEY": "emulator",
            "FIREBASE_AUTH_EMULATOR_HOST": emulator.address,
        }

    def close(self) -> None:
        self._stack.close()

    def start(self) -> dict[str, Contender]:
        """Start all of them."""
        started = [self._rival(name) for name in RIVALS]
        started += [
            self._product(PRODUCT, {}),
            self._product(REBUILDING, {"CACHE_REBUILD_AFTER_WRITE": "true"}),
            self._product(NO_MEMORY, {"CACHE_MEMORY_MB": "0"}),
        ]
        if shutil.which("func"):
            started.append(self._product(FUNC, {}, under_func))
        started += self._of_bytes(next(one for one in started if one.name == PRODUCT))
        return {contender.name: contender for contender in started}

    def _rival(self, name: str) -> Contender:
        environment, processes = self._with_redis(name)
        server = self._stack.enter_context(rival(name, environment))
        client = self._stack.enter_context(closing(redis.Redis.from_url(environment["REDIS_URL"])))
        return Contender(name, server, redis=processes, forget=client.flushall)

    def _product(
        self,
        name: str,
        changes: Environment,
        start: Callable[[Environment], AbstractContextManager[Server]] = product,
    ) -> Contender:
        environment, processes = self._with_redis(name)
        server = self._stack.enter_context(start({**environment, **changes}))
        purger = self._stack.enter_context(closing(Purger(environment)))
        writer = GZIP | editor_headers(server.url, environment)
        return Contender(name, server, writer, processes, purger.purge)

    def _with_redis(self, name: str) -> tuple[dict[str, str], Sequence[psutil.Process]]:
        """Return an environment with a Redis of its own, and that Redis' processes."""
        folder = self._folder / name.replace(" ", "-")
        folder.mkdir()
        service = self._stack.enter_context(redis_service(folder))
        environment = {**self.environment, "REDIS_URL": service.address}
        return environment, process_tree(service.process.pid)

    def _of_bytes(self, ours: Contender) -> list[Contender]:
        """Start those who send the product's bytes, and nothing else."""
        files = self._folder / "files"
        files.mkdir()
        for folder in (self._folder, files):
            folder.chmod(0o755)
        (files / "features").write_bytes(get(ours.server.url + ALL, {}))
        (files / "features.gz").write_bytes(get(ours.server.url + ALL, GZIP))
        host = self._stack.enter_context(constant_answers(files / "features.gz"))
        static = self._stack.enter_context(nginx(files))
        return [Contender(HOST, host), Contender(NGINX, static)]


@contextmanager
def running(database: Path, folder: Path) -> Iterator[dict[str, Contender]]:
    """Yield the contenders by name."""
    with closing(Contenders(database, folder)) as contenders:
        yield contenders.start()


def get(url: str, headers: Mapping[str, str]) -> bytes:
    with urlopen(Request(url, headers=dict(headers))) as answer:  # noqa: S310 -- our own address
        data: bytes = answer.read()
        return data


def etag(contender: Contender) -> str:
    """Return the tag of the gzipped list of all genres."""
    url = contender.server.url + ALL
    request = Request(url, headers=GZIP, method="HEAD")  # noqa: S310 -- our own address
    with urlopen(request) as answer:  # noqa: S310 -- our own address
        return str(answer.headers["ETag"])
