"""Real servers of other kinds than the plain one: a cluster of three, one that speaks only TLS."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from redis import Redis

from local.process import Child, free_port
from local.services import start_redis
from tests.contract.store.certificates import Authority

SLOTS: Final = 16384
NODE_TIMEOUT_MS: Final = "1000"


def start_tls_server(directory: Path, running: ExitStack) -> str:
    """Its URL, which names the authority that signed the server's certificate."""
    authority = Authority("contract tests")
    certificate, key, ca = authority.write_server_files(directory)
    port = free_port()
    options = ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
    options += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    options += ["--tls-ca-cert-file", str(ca)]
    running.enter_context(start_redis(directory, options, port=port).wait().process)
    return f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={ca}"


def start_cluster(directory: Path, running: ExitStack) -> list[tuple[int, Child]]:
    """Three primaries that share the slots, and serve; each with its port."""
    nodes = [_start_node(directory / str(number), running) for number in range(3)]
    _join([port for port, _, _ in nodes], [bus for _, bus, _ in nodes], nodes[0][2])
    return [(port, child) for port, _, child in nodes]


def _start_node(directory: Path, running: ExitStack) -> tuple[int, int, Child]:
    directory.mkdir()
    bus = free_port()
    options = ["--cluster-enabled", "yes", "--cluster-port", str(bus)]
    options += ["--cluster-node-timeout", NODE_TIMEOUT_MS]
    node = start_redis(directory, options).wait()
    running.enter_context(node.process)
    return node.port, bus, node.process


def _join(ports: Sequence[int], buses: Sequence[int], first_node: Child) -> None:
    with ExitStack() as clients:
        nodes = [
            clients.enter_context(Redis(port=port, decode_responses=True, protocol=2))
            for port in ports
        ]
        share = SLOTS // len(ports) + 1
        for number, node in enumerate(nodes):
            first, last = number * share, min((number + 1) * share, SLOTS) - 1
            _command(node, "CLUSTER ADDSLOTSRANGE", first, last)
            _command(node, "CLUSTER MEET", "127.0.0.1", ports[0], buses[0])
        first_node.wait_until(lambda: all(_is_ready(node, len(ports)) for node in nodes), 60)


def _is_ready(node: Redis, nodes: int) -> bool:
    info = _command(node, "CLUSTER INFO")
    return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == str(nodes))


def _command(node: Redis, *words: str | int) -> Any:
    return node.execute_command(*words)  # type: ignore[no-untyped-call]  # redis-py's
