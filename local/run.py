"""`make run`: the whole product on this machine, and nothing left of it when it ends."""

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

RUN_FILE = LOCAL / "run.json"
"""The settings of what runs, by the names of their environment variables: the CLI reads it."""

USUAL_PORT = 7071
HOST_SECONDS = 120.0
WATCH_SECONDS = 1.0


def main() -> int:
    """Run until a signal; 0 after one, 1 when something cannot start, else the host's status."""
    console = Console()
    # Each of these ends the run as Ctrl-C does; the kernel ends the children if this is killed.
    for number in ENDS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup and a script's `&` ask for
            signal.signal(number, _stop)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)  # tether.py may have held them
        # The outer one is left last: what was started is stopped when another run may wait for it.
        with ExitStack() as running, only_run(LOCAL, running, console):
            return _run(running, console)
    except (SettingsError, StartError, MissingProgramError, OSError) as fault:
        console.print(str(fault), style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """End the run; a second signal does not keep it from stopping the rest."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(running: ExitStack, console: Console) -> int:
    # What a killed run left would lead the CLI to parts that are gone.
    RUN_FILE.unlink(missing_ok=True)
    _check_settings()
    port = _port(os.environ)
    command = _host_command(os.environ, port)
    parts = start_parts(os.environ, running, console)
    _publish(parts, port, running)
    # Beside a virtual environment's Python stands what `func` looks for on the PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, **parts.settings, "PATH": path, "PYTHONUNBUFFERED": "1"}
    host = running.enter_context(Child(command, env=environment, show=True))
    host.wait_until(lambda: _serves(port), HOST_SECONDS)
    parts.wait(console)
    greet(console, f"http://127.0.0.1:{port}", parts)
    return _watch(host, parts, console)


def _watch(host: Child, parts: Parts, console: Console) -> int:
    """Until the host ends; its status."""
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = host.wait(WATCH_SECONDS)
            console.print(f"The API's host has ended with {status}.", style="red")
            return status
        parts.say_who_ended(console)


def _check_settings() -> None:
    """The user's own, before anything is started. Raises SettingsError with all their faults."""
    if odbc := Settings.load().sql_connection_string.get_secret_value():
        require_driver(odbc)


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


def _publish(parts: Parts, port: int, running: ExitStack) -> None:
    """The user's own settings too: a CLI that did not know their Redis would tell it nothing.

    There may be a secret among them, so that nobody else may read the file.
    """
    names = (name.upper() for name in Settings.model_fields)
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    values = {**given, **parts.settings, "PORT": str(port)}
    files.write(RUN_FILE, json.dumps(values, indent=2), mode=0o600)
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
