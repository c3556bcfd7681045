"""Starts the services that the app needs, unless the user's settings name their own."""

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from local.auth_emulator import AuthEmulator
from local.data import DATABASE, data_file, fill_database
from local.process import Child, StartError, free_port
from local.programs import MissingProgramError
from local.services import Service, start_redis

LOCAL = Path(".local")
USUAL_REDIS_PORT = 6379

WITHOUT_AUTH = "/signup and /login answer 503"
WITHOUT_REDIS = "every read is validated in SQL"


@dataclass
class Parts:
    """The services of a run.

    `settings` lead the app to those that were started; `notes` describe each for the user.
    `services` has the processes that the app can do without, and what it does then.
    """

    settings: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    auth: AuthEmulator | None = None
    """The Auth emulator, until it answers or has failed."""
    services: dict[str, tuple[Child, str]] = field(default_factory=dict)

    def fill_database(self, environ: Mapping[str, str], console: Console) -> None:
        """Load the data into the embedded database, if it is used. Raises StartError."""
        if (path := self.settings.get("SQLITE_PATH")) is None:
            return
        file = data_file(environ, console)
        loaded = fill_database(file, Path(path), {**environ, "SQLITE_PATH": path})
        state = "just loaded" if loaded else "loaded before"
        self.notes["Database"] = f"SQLite {path}, {state} from {file}"

    def wait(self, console: Console) -> None:
        """Wait until the Auth emulator answers or has failed, unless npm is installing it."""
        if self.auth is None:
            return
        if not self.auth.was_installed:
            self.notes["Sign-in"] += f"; npm is installing it, until then {WITHOUT_AUTH}"
            return
        with console.status("Starting the Firebase Auth emulator ..."):
            reason = self.auth.wait()
        if reason:
            self.notes["Sign-in"] = f"none: {WITHOUT_AUTH}. {reason}"
        self._end_start(self.auth, console)

    def print_changes(self, console: Console) -> None:
        """Print a line for each service that is ready, or has ended, since the last call."""
        if self.auth and self.auth.has_started:
            reason = self.auth.wait()
            line = f"Sign-in: none: {WITHOUT_AUTH}. {reason}" if reason else "Sign-in works now."
            style = "red" if reason else "green"
            console.print(line, style=style, markup=False, soft_wrap=True)
            self._end_start(self.auth, console)
        self._print_ended_services(console)

    def _end_start(self, auth: AuthEmulator, console: Console) -> None:
        self.auth = None
        for line in auth.notes():
            console.print(line, markup=False, soft_wrap=True)
        if auth.process.status is None:
            self.services["The Firebase Auth emulator"] = auth.process, WITHOUT_AUTH

    def _print_ended_services(self, console: Console) -> None:
        for name, (child, effect) in list(self.services.items()):
            if child.status is not None:
                del self.services[name]
                console.print(
                    f"{name} has ended with {child.status}: {effect} until the next `make run`",
                    style="red",
                    markup=False,
                    soft_wrap=True,
                )


def start_parts(environ: Mapping[str, str], running: ExitStack) -> Parts:
    """Start all services, the slowest first; `running` stops them."""
    parts = Parts()
    if not environ.get("CACHE_STATUS_PUBLIC"):
        parts.settings["CACHE_STATUS_PUBLIC"] = "true"  # only this machine reaches the host
    _choose_database(environ, parts)
    _auth(environ, running, parts)
    _redis(environ, running, parts)
    return parts


def _choose_database(environ: Mapping[str, str], parts: Parts) -> None:
    if environ.get("SQL_CONNECTION_STRING"):
        parts.notes["Database"] = (
            "yours, unchanged; to fill it: python -m shared.cli migrate, then load FILE"
        )
        return
    path = Path(environ.get("SQLITE_PATH") or DATABASE).absolute()
    parts.notes["Database"] = f"SQLite {path}"
    parts.settings["SQLITE_PATH"] = str(path)


def _auth(environ: Mapping[str, str], running: ExitStack, parts: Parts) -> None:
    for name in ("FIREBASE_AUTH_EMULATOR_HOST", "FIREBASE_PROJECT_ID"):
        if environ.get(name):
            parts.notes["Sign-in"] = f"yours: {name}={environ[name]}"
            return
    try:
        parts.auth = AuthEmulator(running)
    except (MissingProgramError, StartError) as reason:
        parts.notes["Sign-in"] = f"none: {WITHOUT_AUTH}. {reason}"
        return
    parts.settings |= parts.auth.settings
    address = parts.settings["FIREBASE_AUTH_EMULATOR_HOST"]
    parts.notes["Sign-in"] = f"Firebase Auth emulator on {address}, users kept in .local"


def _redis(environ: Mapping[str, str], running: ExitStack, parts: Parts) -> None:
    if environ.get("CACHE_MODE") == "sql":
        parts.notes["Redis"] = f"none, because CACHE_MODE=sql: {WITHOUT_REDIS}"
        return
    if environ.get("REDIS_URL"):
        parts.notes["Redis"] = "yours: REDIS_URL"
        return
    try:
        redis = _start_redis(running)
    except (MissingProgramError, StartError) as reason:
        parts.notes["Redis"] = f"none: {WITHOUT_REDIS}. {reason}"
        return
    parts.settings["REDIS_URL"] = redis.address
    parts.services["Redis"] = redis.process, WITHOUT_REDIS
    parts.notes["Redis"] = f"{redis.address}, keeps nothing on disk"


def _start_redis(running: ExitStack) -> Service:
    directory = (LOCAL / "redis").absolute()
    # Redis would load a dump.rdb from there.
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for port in (free_port(USUAL_REDIS_PORT), free_port()):
        redis = start_redis(directory, port=port)
        running.enter_context(redis.process)
        try:
            return redis.wait()
        except StartError as fault:
            # Another program was quicker to take the usual port.
            failed = fault
    raise failed
