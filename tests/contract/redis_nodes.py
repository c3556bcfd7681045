"""Servers of every kind that the tests of the counters make fail: one, one with TLS, a cluster."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from redis import Redis, RedisError

from tests.contract.store.servers import start_cluster, start_tls_server
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.redis import RedisServer

KINDS: Final = ("redis", "redis_tls", "redis_cluster")


class Nodes:
    """The servers behind `url`, and a client for each."""

    def __init__(self, url: str, clients: list[Redis]) -> None:
        self.url = url
        self.clients = clients
        self._processes = [int(one.info("server")["process_id"]) for one in clients]

    def command(self, *words: str | int) -> None:
        """Send a command to every server."""
        for client in self.clients:
            send: Any = client.execute_command
            send(*words)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)
        self._wait_until_they_serve()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def kill_last(self) -> None:
        os.kill(self._processes[-1], signal.SIGKILL)

    def spoil(self) -> None:
        """Put a value of another type under every key."""
        for client in self.clients:
            for key in client.keys("*"):
                client.delete(key)
                client.lpush(key, "spoiled")

    def empty(self) -> None:
        self.command("FLUSHALL")

    def _signal(self, number: int) -> None:
        for process in self._processes:
            os.kill(process, number)

    def _wait_until_they_serve(self) -> None:
        deadline = time.monotonic() + LONG_SECONDS
        while not all(map(_serves, self.clients)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _serves(client: Redis) -> bool:
    with suppress(RedisError):
        info: Any = client.info()
        if not info.get("cluster_enabled"):
            return True
        send: Any = client.execute_command
        return bool(send("CLUSTER INFO")["cluster_state"] == "ok")
    return False


@contextmanager
def started_nodes(kind: str, directory: Path) -> Iterator[Nodes]:
    """Start servers of their own."""
    with ExitStack() as running:
        url, clients = _STARTERS[kind](directory, running)
        for client in clients:
            running.enter_context(client)
        yield Nodes(url, clients)


def _one(directory: Path, running: ExitStack) -> tuple[str, list[Redis]]:
    server = running.enter_context(RedisServer(directory, ()))
    return server.url, [_client(server.port)]


def _with_tls(directory: Path, running: ExitStack) -> tuple[str, list[Redis]]:
    url = start_tls_server(directory, running)
    parts = urlsplit(url)
    (authority,) = parse_qs(parts.query)["ssl_ca_certs"]
    assert parts.port
    return url, [_client(parts.port, ssl=True, ssl_ca_certs=authority)]


def _cluster(directory: Path, running: ExitStack) -> tuple[str, list[Redis]]:
    ports = [port for port, _ in start_cluster(directory, running)]
    return f"redis+cluster://127.0.0.1:{ports[0]}", [_client(port) for port in ports]


def _client(port: int, **options: Any) -> Redis:
    return Redis(
        "127.0.0.1", port, protocol=2, decode_responses=True, socket_timeout=LONG_SECONDS, **options
    )


_STARTERS: Final[dict[str, Callable[[Path, ExitStack], tuple[str, list[Redis]]]]] = {
    "redis": _one,
    "redis_tls": _with_tls,
    "redis_cluster": _cluster,
}
