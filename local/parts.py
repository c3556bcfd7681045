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
from local.services import start_redis

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
    services: dict[str, tuple[Child, str]] = field(default_factory=dict)

    def wait(self, console: Console) -> None:
        """Wait until the Auth emulator, the slowest, answers or has failed."""
        if self.auth is None:
            return
        try:
            emulator = self.auth.wait(console)
        except MissingProgramError as reason:
            _no_auth(reason, self)
        else:
            self.services["The Firebase Auth emulator"] = emulator, WITHOUT_AUTH

    def print_ended_services(self, console: Console) -> None:
        """Print a line for each service that has ended since the last call."""
        for name, (child, effect) in list(self.services.items()):
            if child.status is not None:
                del self.services[name]
                console.print(
                    f"{name} has ended with {child.status}: {effect} until the next `make run`",
                    style="red",
                    markup=False,
                    soft_wrap=True,
                )


def start_parts(environ: Mapping[str, str], running: ExitStack, console: Console) -> Parts:
    """Start all services, the slowest first; `running` stops them. Raises StartError."""
    parts = Parts()
    if not environ.get("CACHE_STATUS_PUBLIC"):
        parts.settings["CACHE_STATUS_PUBLIC"] = "true"  # only this machine reaches the host
    _begin_auth(environ, running, parts)
    _database(environ, console, parts)
    _redis(environ, running, parts)
    _finish_auth(console, parts)
    return parts


def _begin_auth(environ: Mapping[str, str], running: ExitStack, parts: Parts) -> None:
    for name in ("FIREBASE_AUTH_EMULATOR_HOST", "FIREBASE_PROJECT_ID"):
        if environ.get(name):
            parts.notes["Sign-in"] = f"yours: {name}={environ[name]}"
            return
    try:
        parts.auth = AuthEmulator(running)
    except MissingProgramError as reason:
        _no_auth(reason, parts)


def _finish_auth(console: Console, parts: Parts) -> None:
    if parts.auth is None:
        return
    try:
        parts.settings |= parts.auth.settings(console)
    except MissingProgramError as reason:
        _no_auth(reason, parts)
    else:
        address = parts.settings["FIREBASE_AUTH_EMULATOR_HOST"]
        parts.notes["Sign-in"] = f"Firebase Auth emulator on {address}, users kept in .local"


def _no_auth(reason: MissingProgramError, parts: Parts) -> None:
    parts.notes["Sign-in"] = f"none: {WITHOUT_AUTH}. {reason}"


def _database(environ: Mapping[str, str], console: Console, parts: Parts) -> None:
    if environ.get("SQL_CONNECTION_STRING"):
        parts.notes["Database"] = (
            "yours, unchanged; to fill it: python -m shared.cli migrate, then load FILE"
        )
        return
    database = Path(environ.get("SQLITE_PATH") or DATABASE).absolute()
    parts.settings["SQLITE_PATH"] = str(database)
    file = data_file(environ, console)
    loaded = fill_database(file, database, {**environ, "SQLITE_PATH": str(database)})
    state = "just loaded" if loaded else "loaded before"
    parts.notes["Database"] = f"SQLite {database}, {state} from {file}"


def _redis(environ: Mapping[str, str], running: ExitStack, parts: Parts) -> None:
    if environ.get("CACHE_MODE") == "sql":
        parts.notes["Redis"] = f"none, because CACHE_MODE=sql: {WITHOUT_REDIS}"
        return
    if environ.get("REDIS_URL"):
        parts.notes["Redis"] = "yours: REDIS_URL"
        return
    try:
        _start_redis(running, parts)
    except (MissingProgramError, StartError) as reason:
        parts.notes["Redis"] = f"none: {WITHOUT_REDIS}. {reason}"


def _start_redis(running: ExitStack, parts: Parts) -> None:
    directory = (LOCAL / "redis").absolute()
    # Redis would load a dump.rdb from there.
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    redis = start_redis(directory, port=free_port(USUAL_REDIS_PORT))
    running.enter_context(redis.process)
    redis.wait()
    parts.settings["REDIS_URL"] = redis.address
    parts.services["Redis"] = redis.process, WITHOUT_REDIS
    parts.notes["Redis"] = f"{redis.address}, keeps nothing on disk"
