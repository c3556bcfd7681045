"""`make run`: starts the whole product on this machine, and stops all of it at the end."""

import contextlib
import json
import os
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
from local.api_host import api_host, api_port
from local.greeting import greet
from local.parts import LOCAL, Parts, start_parts
from local.process import Child, StartError
from local.programs import MissingProgramError
from local.run_lock import only_run
from local.tether import ENDS
from shared.errors import SettingsError
from shared.repository.odbc_driver import require_driver
from shared.settings import Settings

RUN_FILE = LOCAL / "run.json"
"""The settings of the running services, as environment variables; the CLI reads them."""

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
    port = api_port(environ)
    host = api_host(environ, port, running)
    parts = start_parts(environ, running)
    _publish(environ, parts, port, running)
    # `func` looks for the virtual environment's Python on the PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', '')}"
    host.load({**environ, **parts.settings, "PATH": path, "PYTHONUNBUFFERED": "1"})
    parts.fill_database(environ, console)
    child = host.serve()
    parts.wait(console)
    greet(console, f"http://127.0.0.1:{port}", parts)
    return _watch(child, parts, console)


def _watch(host: Child, parts: Parts, console: Console) -> int:
    """Wait until the host ends; return its status."""
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = host.wait(WATCH_SECONDS)
            console.print(f"The API's host has ended with {status}.", style="red")
            return status
        parts.print_changes(console)


def _check_settings() -> None:
    """Check the user's settings before anything is started. Raises SettingsError."""
    if odbc := Settings.load().sql_connection_string.get_secret_value():
        require_driver(odbc)


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


if __name__ == "__main__":
    sys.exit(main())
