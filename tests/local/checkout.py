"""A copy of the repository with a small data set, for tests that start `make run` in it."""

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from local.hosted import REPOSITORY
from local.process import Child, free_port
from local.services import NODE_DIR
from tests.services.long_timeouts import LONG_SECONDS

CSV = """\
genre,artist_name,track_name,track_id,popularity,acousticness,danceability,duration_ms,energy,\
instrumentalness,key,liveness,loudness,mode,speechiness,tempo,time_signature,valence
Ska,Somebody,Something,0BRjO6ga9RKCKjfDqeFgWV,0,0.611,0.389,99373,0.91,0,C#,0.346,-1.828,Major,\
0.0525,166.969,4/4,0.814
"""

READY = "Ctrl-C stops everything"
USER = {"email": "me@example.org", "password": "a rather long one"}

CLEARED = (
    "RUN_FILE",
    "REDIS_URL",
    "SQL_CONNECTION_STRING",
    "FIREBASE_PROJECT_ID",
    "CACHE_MODE",
    "HOST",
)

needs_node = pytest.mark.usefixtures("auth_emulator")
"""Without Node such a test is skipped; in CI it fails."""

LATER = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}
"""Answers that ask the caller to try again."""


class Checkout:
    """The files that `make run` needs, in a folder of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.command = [sys.executable, "-m", "local.run"]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        for name in ("local", "shared"):
            shutil.copytree(REPOSITORY / name, directory / name)
        for name in ("function_app.py", "host.json", "pyproject.toml"):
            shutil.copy(REPOSITORY / name, directory / name)
        (directory / "data.csv").write_text(CSV, "utf-8")
        (directory / ".local").mkdir()
        (directory / ".local" / "node").symlink_to(NODE_DIR, target_is_directory=True)

    def run(self, **env: str) -> Child:
        inherited = {name: value for name, value in os.environ.items() if name not in CLEARED}
        settings = {"PORT": str(self.port), "DATA": "data.csv", "COLUMNS": "300", **env}
        return Child(self.command, env={**inherited, **settings}, cwd=self.directory)

    def ready(self, **env: str) -> Child:
        child = self.run(**env)
        child.wait_until(lambda: READY in child.output(), 120)
        return child

    def refused(self, **env: str) -> str:
        with self.run(**env) as child:
            assert child.wait(60) == 1
            return child.output()

    def cli(self, *arguments: str) -> str:
        """Run a command of the CLI in the folder, without settings; return its output."""
        inherited = {name: value for name, value in os.environ.items() if name not in CLEARED}
        command = [sys.executable, "-m", "shared.cli", *arguments]
        with Child(command, env=inherited, cwd=self.directory) as cli:
            cli.wait(60)
            return cli.output()

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=LONG_SECONDS)

    def post(self, path: str) -> httpx.Response:
        """Post the user's credentials to `path`."""
        return httpx.post(self.url + path, json=USER, timeout=LONG_SECONDS)

    def sign_up(self) -> None:
        """Create the user, again while the emulator answers later than the product waits.

        An account has five attempts a minute; the next ones are refused until it is over.
        """
        deadline, allowed = time.monotonic() + 2 * LONG_SECONDS, {HTTPStatus.CREATED}
        while (status := self.post("/signup").status_code) in LATER:
            assert time.monotonic() < deadline
            allowed = {HTTPStatus.CREATED, HTTPStatus.CONFLICT}  # it may have stored the user
            time.sleep(1)
        assert status in allowed, status

    def settings(self) -> Mapping[str, str]:
        published: Mapping[str, str] = json.loads(
            (self.directory / ".local" / "run.json").read_text("utf-8")
        )
        return published
