"""The API's host of `make run`, which loads the app while the database is filled."""

import contextlib
import http.client
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack

from local.process import BACKLOG, Child, StartError, answers
from local.programs import MissingProgramError
from shared.settings.host_and_port import parse_port

USUAL_PORT = 7071
HOST_SECONDS = 120.0


class LocalHost:
    """`local.host`: it has the port from the beginning, and who connects early waits."""

    def __init__(self, port: int, running: ExitStack) -> None:
        """Take the port; `running` stops all. Raises StartError."""
        self._port, self._running = port, running
        self._listener = running.enter_context(_listener(port))

    def load(self, environment: Mapping[str, str]) -> None:
        """Start it: it loads the app, and accepts no request before `serve`."""
        waiting, go = os.pipe()
        self._go = self._running.enter_context(os.fdopen(go, "wb", buffering=0))
        with os.fdopen(waiting, "rb") as end, self._listener as listener:
            keep = [listener.fileno(), end.fileno()]
            options = [f"--socket={keep[0]}", f"--wait-for={keep[1]}"]
            command = [sys.executable, "-m", "local.host", *options]
            self._child = Child(command, env=environment, show=True, keep=keep)
        self._running.enter_context(self._child)

    def serve(self) -> Child:
        """Return when it answers requests. Raises StartError."""
        with contextlib.suppress(BrokenPipeError):  # it has ended
            self._go.write(b"1")
        return _serving(self._child, self._port)


class CoreTools:
    """`func start`, which serves at once: it is started when the database is filled."""

    def __init__(self, port: int, running: ExitStack) -> None:
        """Raises MissingProgramError."""
        if shutil.which("func") is None:
            raise MissingProgramError("HOST=func needs Azure Functions Core Tools 4 on the PATH")
        self._port, self._running = port, running

    def load(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def serve(self) -> Child:
        """Start it; return when it answers requests. Raises StartError."""
        command = ["func", "start", "--port", str(self._port)]
        func = Child(command, env=self._environment, show=True)
        return _serving(self._running.enter_context(func), self._port)


def api_host(environ: Mapping[str, str], port: int, running: ExitStack) -> LocalHost | CoreTools:
    """Return the host that HOST names. Raises StartError, MissingProgramError."""
    return (CoreTools if environ.get("HOST") == "func" else LocalHost)(port, running)


def api_port(environ: Mapping[str, str]) -> int:
    """Return PORT, or the usual one. Raises StartError."""
    given = environ.get("PORT") or str(USUAL_PORT)
    try:
        port = parse_port(given)
    except ValueError as error:
        raise StartError(f"PORT={given}: {error}") from None
    if answers(port):
        raise _in_use(port)
    return port


def _in_use(port: int) -> StartError:
    return StartError(
        f"Port {port} is in use, perhaps by another `make run`. "
        f"Stop that, or take another port: PORT={port + 1} make run"
    )


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    except PermissionError as error:
        raise StartError(f"PORT={port} cannot be used: {error.strerror}") from None
    except OSError:
        raise _in_use(port) from None


def _serving(host: Child, port: int) -> Child:
    """Wait until the host answers a request: it listens before it has loaded the app."""
    host.wait_until(lambda: _answers_a_request(port), HOST_SECONDS)
    return host


def _answers_a_request(port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/api/version")
            connection.getresponse().read()
            return True
    return False
