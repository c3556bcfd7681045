"""`make run`: starts the whole product on this machine, and stops all of it at the end."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console

from local import files
from local.greeting import greet
from local.parts import LOCAL, Parts, start_parts
from local.process import Child, StartError, answers
from local.programs import MissingProgramError
from local.run_lock import only_run
from local.tether import ENDS
from shared.errors import SettingsError
from shared.repository.odbc_driver import require_driver
from shared.settings import Settings
from shared.settings.host_and_port import parse_port

RUN_FILE = LOCAL / "run.json"
"""The settings of the running services, as environment variables; the CLI reads them."""

USUAL_PORT = 7071
HOST_SECONDS = 120.0
WATCH_SECONDS = 1.0


def main() -> int:
    """Run until a signal; return 0 then, 1 if something cannot start, else the host's status."""
    console = Console()
    # Each of these ends the run as Ctrl-C does. If this process is killed, tether.py ends the rest.
    for number in ENDS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup and a script's `&` ignore some
            signal.signal(number, _stop)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)  # tether.py may have blocked them
        # `running` closes last: another run may already wait while the services stop.
        with ExitStack() as running, only_run(LOCAL, running, console):
            return _run(running, console)
    except (SettingsError, StartError, MissingProgramError, OSError) as fault:
        console.print(str(fault), style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """End the run; ignore further signals, so that all services are stopped."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(running: ExitStack, console: Console) -> int:
    # The file of a killed run would lead the CLI to services that are gone.
    RUN_FILE.unlink(missing_ok=True)
    _check_settings()
    # As Settings reads them: without blanks, and what is empty then counts as unset.
    environ = {name: value.strip() for name, value in os.environ.items()}
    port = _port(environ)
    command = _host_command(environ, port)
    parts = start_parts(environ, running, console)
    _publish(environ, parts, port, running)
    # `func` looks for the virtual environment's Python on the PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', '')}"
    environment = {**environ, **parts.settings, "PATH": path, "PYTHONUNBUFFERED": "1"}
    host = running.enter_context(Child(command, env=environment, show=True))
    host.wait_until(lambda: _serves(port), HOST_SECONDS)
    parts.wait(console)
    greet(console, f"http://127.0.0.1:{port}", parts)
    return _watch(host, parts, console)


def _watch(host: Child, parts: Parts, console: Console) -> int:
    """Wait until the host ends; return its status."""
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = host.wait(WATCH_SECONDS)
            console.print(f"The API's host has ended with {status}.", style="red")
            return status
        parts.print_ended_services(console)


def _check_settings() -> None:
    """Check the user's settings before anything is started. Raises SettingsError."""
    if odbc := Settings.load().sql_connection_string.get_secret_value():
        require_driver(odbc)


def _port(environ: Mapping[str, str]) -> int:
    given = environ.get("PORT") or str(USUAL_PORT)
    try:
        port = parse_port(given)
    except ValueError as error:
        raise StartError(f"PORT={given}: {error}") from None
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


def _publish(environ: Mapping[str, str], parts: Parts, port: int, running: ExitStack) -> None:
    """Write the settings that the app has to the file that the CLI reads.

    That includes the user's own: without their REDIS_URL the CLI would not invalidate lists there.
    Only the user may read the file, because it may hold secrets.
    """
    names = (name.upper() for name in Settings.model_fields)
    given = {name: environ[name] for name in names if environ.get(name)}
    values = {**given, **parts.settings, "PORT": str(port)}
    files.write(RUN_FILE, json.dumps(values, indent=2), mode=0o600)
    running.callback(RUN_FILE.unlink, missing_ok=True)


def _serves(port: int) -> bool:
    """Whether the host answers a request: it listens before it has loaded the app."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/api/version")
            connection.getresponse().read()
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
