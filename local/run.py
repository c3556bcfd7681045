"""`make run`: the whole product on this machine, and nothing left of it when it ends."""

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from local.greeting import greet
from local.parts import LOCAL, Parts, start_parts
from local.process import Child, StartError, answers
from local.programs import MissingProgramError
from shared.settings import Settings

RUN_FILE = LOCAL / "run.json"
"""The settings of what runs, by the names of their environment variables: the CLI reads it."""

USUAL_PORT = 7071
HOST_SECONDS = 120.0


def main() -> int:
    """Run until a signal; 0 after one, 1 when something cannot start, else the host's status."""
    console = Console()
    # Each of these ends the run as Ctrl-C does; the kernel ends the children if this is killed.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        port = _port(os.environ)
        command = _host_command(os.environ, port)
        with ExitStack() as running:
            return _run(command, port, running, console)
    except (StartError, MissingProgramError) as fault:
        console.print(str(fault), style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0


def _run(command: list[str], port: int, running: ExitStack, console: Console) -> int:
    _be_the_only_one(running)
    parts = start_parts(os.environ, running, console)
    _publish(parts, port, running)
    # Beside a virtual environment's Python stands what `func` looks for on the PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, **parts.settings, "PATH": path, "PYTHONUNBUFFERED": "1"}
    host = running.enter_context(Child(command, env=environment, show=True))
    host.wait_until(lambda: _serves(port), HOST_SECONDS)
    parts.wait(console)
    greet(console, f"http://127.0.0.1:{port}", parts)
    return host.wait()


def _port(environ: Mapping[str, str]) -> int:
    given = environ.get("PORT") or str(USUAL_PORT)
    if not given.isdecimal() or not 0 < int(given) < 65536:  # noqa: PLR2004 - the ports there are
        raise StartError(f"PORT={given}: a port is a number from 1 to 65535")
    port = int(given)
    if answers(port):
        raise StartError(
            f"Port {port} is in use, perhaps by another `make run`. "
            f"Stop that, or take another port: PORT={port + 1} make run"
        )
    return port


def _host_command(environ: Mapping[str, str], port: int) -> list[str]:
    if environ.get("HOST") != "func":
        return [sys.executable, "-m", "local.host", f"--port={port}"]
    if shutil.which("func") is None:
        raise MissingProgramError("HOST=func needs Azure Functions Core Tools 4 on the PATH")
    return ["func", "start", "--port", str(port)]


def _be_the_only_one(running: ExitStack) -> None:
    """Two runs would share a database but no Redis, and so break the cache's promise."""
    LOCAL.mkdir(exist_ok=True)
    lock = running.enter_context((LOCAL / "run.lock").open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartError("`make run` already runs in this directory: stop it first") from None
    # What a killed run left would lead the CLI to parts that are gone.
    RUN_FILE.unlink(missing_ok=True)


def _publish(parts: Parts, port: int, running: ExitStack) -> None:
    """The user's own settings too: a CLI that did not know their Redis would tell it nothing.

    There may be a secret among them, so that nobody else may read the file.
    """
    names = (name.upper() for name in Settings.model_fields)
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    values = {**given, **parts.settings, "PORT": str(port), "RUN_PID": str(os.getpid())}
    RUN_FILE.touch(mode=0o600)
    RUN_FILE.write_text(json.dumps(values, indent=2), "utf-8")
    running.callback(RUN_FILE.unlink, missing_ok=True)


def _serves(port: int) -> bool:
    """Whether the host answers anything at all: it listens before it has loaded the app."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/api/version")
            connection.getresponse().read()
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
