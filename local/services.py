"""Starts local services: Redis, the Firebase Auth emulator, Azurite (blob storage)."""

import contextlib
import shutil
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local.process import Child, answers, bound_socket, free_port
from local.programs import REDIS, MissingProgramError

HERE = Path(__file__).parent
NODE_DIR = HERE.parent / ".local" / "node"
AUTH_PROJECT = "demo-smartcache"
"""With the prefix `demo-` the emulator never connects to Google."""

START_SECONDS = 60.0

REDIS_READY = "Ready to accept connections"
"""Redis prints this when it listens."""

# The account and key of every storage emulator, published by Microsoft.
AZURITE_ACCOUNT = "devstoreaccount1"
AZURITE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


@dataclass(frozen=True)
class Service:
    """A service on 127.0.0.1, started but perhaps not ready; `address` is for the app's setting."""

    address: str
    port: int
    process: Child
    ready: Callable[[], bool]

    def wait(self) -> Self:
        """Wait until it can be used; return itself. Raises StartError with its output."""
        self.process.wait_until(self.ready, START_SECONDS)
        return self


def start_redis(directory: Path, arguments: Sequence[str] = (), *, port: int = 0) -> Service:
    """Start a redis-server that keeps nothing on disk; `address` is its redis:// URL.

    `arguments` follow the default ones and override them. Raises MissingProgramError.
    """
    port = port or free_port()
    command = [REDIS.path(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory)]
    command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "volatile-lru"]
    process = Child([*command, *arguments])
    # Not whether the port answers: it may be another server's, which was quicker.
    return Service(
        f"redis://127.0.0.1:{port}/0", port, process, lambda: REDIS_READY in process.output()
    )


def start_auth_emulator(
    users: Path | None = None, listener: socket.socket | None = None
) -> Service:
    """Start the Firebase Auth emulator; `address` is the value of FIREBASE_AUTH_EMULATOR_HOST.

    It keeps its users in the file `users`, or only in memory. It serves on `listener`, which the
    caller closes, or on a free port. Raises MissingProgramError.
    """
    with contextlib.ExitStack() as own:
        listener = listener or own.enter_context(bound_socket())
        command = auth_emulator_command(listener.fileno(), users)
        return auth_emulator_service(command, listener)


def auth_emulator_command(listener: int, users: Path | None) -> list[str]:
    """The command for the file descriptor of a socket. Raises MissingProgramError."""
    node = _node("firebase-tools")
    kept = [str(users)] if users else []
    return [node, str(HERE / "auth_emulator.js"), str(NODE_DIR), AUTH_PROJECT, str(listener), *kept]


def auth_emulator_service(command: Sequence[str], listener: socket.socket) -> Service:
    """Start a command that becomes the emulator; it inherits the socket."""
    process = Child(command, keep=[listener.fileno()])
    port = int(listener.getsockname()[1])
    return Service(
        f"127.0.0.1:{port}", port, process, lambda: "ready" in process.output().splitlines()
    )


def start_azurite(directory: Path) -> Service:
    """Start a blob storage in memory; `address` is its connection string.

    Raises MissingProgramError.
    """
    node = _node("azurite")
    port = free_port()
    program = NODE_DIR / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    # Azurite would refuse a client whose API version is newer than its own.
    options = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    process = Child(
        [node, program, "--blobHost", "127.0.0.1", "--blobPort", str(port), *options],
        cwd=directory,
    )
    endpoint = f"http://127.0.0.1:{port}/{AZURITE_ACCOUNT}"
    account = f"AccountName={AZURITE_ACCOUNT};AccountKey={AZURITE_KEY}"
    address = f"DefaultEndpointsProtocol=http;{account};BlobEndpoint={endpoint};"
    return Service(address, port, process, lambda: answers(port))


def _node(package: str) -> str:
    if not (NODE_DIR / "node_modules" / package).is_dir():
        raise MissingProgramError(
            f"{package} is not installed (install Node 20 or newer, then: make emulators)"
        )
    program = shutil.which("node")
    if program is None:
        raise MissingProgramError("Node is not on the PATH: install Node 20 or newer")
    return program
