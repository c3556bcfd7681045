"""What the app needs beside it, started unless the user's settings name their own."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from local.auth import AuthEmulator
from local.data import data_file, fill_database
from local.process import free_port
from local.programs import MissingProgramError
from local.services import start_redis

LOCAL = Path(".local")
DATABASE = LOCAL / "smart-cache.sqlite"
USUAL_REDIS_PORT = 6379


@dataclass
class Parts:
    """`settings`: of what was started here; `notes`: each part and what became of it."""

    settings: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    auth: AuthEmulator | None = None

    def wait(self, console: Console) -> None:
        """Until the slowest, the Auth emulator, answers too. Raises StartError."""
        if self.auth is not None:
            self.auth.wait(console)


def start_parts(environ: Mapping[str, str], running: ExitStack, console: Console) -> Parts:
    """Start all, the slowest first; `running` stops them. Raises StartError."""
    parts = Parts()
    _begin_auth(environ, running, parts)
    _database(environ, console, parts)
    _redis(environ, running, parts)
    _finish_auth(console, parts)
    return parts


def _begin_auth(environ: Mapping[str, str], running: ExitStack, parts: Parts) -> None:
    for name in ("FIREBASE_AUTH_EMULATOR_HOST", "FIREBASE_PROJECT_ID"):
        if environ.get(name):
            parts.notes["Identity"] = f"yours: {name}={environ[name]}"
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
        parts.notes["Identity"] = f"Firebase Auth emulator on {address}, users kept in .local"


def _no_auth(reason: MissingProgramError, parts: Parts) -> None:
    parts.notes["Identity"] = f"none: /signup and /login answer 503. {reason}"


def _database(environ: Mapping[str, str], console: Console, parts: Parts) -> None:
    if environ.get("SQL_CONNECTION_STRING"):
        parts.notes["Database"] = (
            "yours, left as it is: python -m shared.cli migrate, then load FILE"
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
        parts.notes["Redis"] = "none, as CACHE_MODE=sql says: every read is validated in SQL"
        return
    if environ.get("REDIS_URL"):
        parts.notes["Redis"] = "yours: REDIS_URL"
        return
    directory = (LOCAL / "redis").absolute()
    directory.mkdir(parents=True, exist_ok=True)
    try:
        redis = start_redis(directory, port=free_port(USUAL_REDIS_PORT))
    except MissingProgramError as reason:
        parts.notes["Redis"] = f"none: every read is validated in SQL. {reason}"
        return
    running.enter_context(redis.process)
    parts.settings["REDIS_URL"] = redis.wait().address
    parts.notes["Redis"] = f"{redis.address}, keeps nothing on disk"
