"""Outages of a real Redis server, which tests begin and end."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from tests.contract.store.servers import start_tls_server
from tests.faults.tcp_proxy import Proxy
from tests.services.redis import RedisFactory, RedisServer


class Outage:
    """`url` leads to a Redis that works until `begin`, and again after `end`, if there is one."""

    def __init__(
        self, url: str, begin: Callable[[], object], end: Callable[[], object] | None
    ) -> None:
        self.url = url
        self.begin = begin
        self.end = end


type MakeOutage = Callable[[RedisServer, Path], AbstractAsyncContextManager[Outage]]


@asynccontextmanager
async def refused(server: RedisServer, _: Path) -> AsyncIterator[Outage]:
    yield Outage(server.url, server.kill, server.restart)


@asynccontextmanager
async def silent(server: RedisServer, _: Path) -> AsyncIterator[Outage]:
    yield Outage(server.url, server.freeze, server.thaw)
    server.thaw()


@asynccontextmanager
async def slow(server: RedisServer, _: Path) -> AsyncIterator[Outage]:
    async with Proxy(server.port) as proxy:
        yield Outage(
            f"redis://127.0.0.1:{proxy.port}/0",
            lambda: setattr(proxy, "delay", 1.0),
            lambda: setattr(proxy, "delay", 0.0),
        )


@asynccontextmanager
async def wrong_password(server: RedisServer, _: Path) -> AsyncIterator[Outage]:
    yield Outage(server.url.replace("redis://", "redis://someone:wrong@"), bool, None)


@asynccontextmanager
async def wrong_authority(_: RedisServer, directory: Path) -> AsyncIterator[Outage]:
    with ExitStack() as running:
        (directory / "another").mkdir()
        url = start_tls_server(directory, running)
        other = start_tls_server(directory / "another", running)
        yield Outage(url.partition("?")[0] + "?" + other.partition("?")[2], bool, None)


@asynccontextmanager
async def no_tls(server: RedisServer, _: Path) -> AsyncIterator[Outage]:
    yield Outage(server.url.replace("redis://", "rediss://"), bool, None)


@asynccontextmanager
async def no_cluster(server: RedisServer, _: Path) -> AsyncIterator[Outage]:
    yield Outage(server.url.replace("redis://", "redis+cluster://"), bool, None)


OUTAGES: Final[dict[str, MakeOutage]] = {
    "refused": refused,
    "silent": silent,
    "slow": slow,
    "wrong-password": wrong_password,
    "wrong-authority": wrong_authority,
    "no-tls": no_tls,
    "no-cluster": no_cluster,
}


@asynccontextmanager
async def outage(name: str, redis_server: RedisFactory, directory: Path) -> AsyncIterator[Outage]:
    """Yield an outage, with a server of its own."""
    server = redis_server()
    try:
        async with OUTAGES[name](server, directory) as made:
            yield made
    finally:
        server.stop()
