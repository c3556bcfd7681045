"""`stage`: an empty store of every kind. `redis_stage`: of every Redis, to look into its keys."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from local.process import Child, answers, free_port
from local.services import START_SECONDS
from tests.contract.store import redis62
from tests.contract.store.servers import start_cluster, start_tls_server
from tests.contract.store.stages import MemoryStage, RedisStage, Stage
from tests.services.redis import RedisFactory
from tests.services.required_service import required_service

REDISES = [
    "redis",
    *(["redis_62"] if redis62.SERVER.is_file() else []),
    "redis_cluster",
    "redis_tls",
]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if "redis_62" not in REDISES:
        terminalreporter.write_line(f"NOT RUN: the store's contract on Redis 6.2; {redis62.HOW}")


@pytest.fixture(scope="session")
def redis_url(redis_server: RedisFactory) -> str:
    return redis_server().url


@pytest.fixture(scope="session")
def redis_62_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    options = ["--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path_factory.mktemp("redis"))]
    with Child([redis62.SERVER, "--port", str(port), *options]) as server:
        server.wait_until(lambda: answers(port), START_SECONDS)
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture(scope="session")
def redis_cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as running, required_service():
        nodes = start_cluster(tmp_path_factory.mktemp("cluster"), running)
        yield f"redis+cluster://127.0.0.1:{nodes[0][0]}"


@pytest.fixture(scope="session")
def redis_tls_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as running, required_service():
        yield start_tls_server(tmp_path_factory.mktemp("tls"), running)


async def _opened(request: pytest.FixtureRequest) -> AsyncIterator[RedisStage]:
    stage = RedisStage(request.getfixturevalue(f"{request.param}_url"))
    await stage.empty()
    yield stage
    await stage.aclose()


redis_stage = pytest.fixture(params=REDISES)(_opened)


@pytest.fixture(params=[*REDISES, "memory"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    if request.param == "memory":
        yield MemoryStage()
        return
    async for stage in _opened(request):
        yield stage
