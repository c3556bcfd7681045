"""The product as it runs, called over HTTP: real Redis, real emulator, real Functions runtime."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.hosted import REPOSITORY, HostedApp, hosted_app
from local.services import AUTH_PROJECT
from tests.services.long_timeouts import LONG_SECONDS, app_with_long_timeouts


@dataclass(frozen=True)
class Product:
    """A running app; `env` has its settings, which its CLI uses, too; `python` runs both."""

    app: HostedApp
    client: httpx.Client
    env: Mapping[str, str]
    python: str

    @property
    def url(self) -> str:
        return self.app.url

    def cli(self, *arguments: str) -> str:
        """The output of `python -m shared.cli`. Raises CalledProcessError."""
        return subprocess.run(  # noqa: S603 -- our own program
            [self.python, "-m", "shared.cli", *arguments],
            cwd=REPOSITORY,
            env={**os.environ, **self.env},
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@contextmanager
def running_product(
    data: Path,
    folder: Path,
    redis_url: str,
    emulator: str,
    *,
    python: str | Path = sys.executable,
    **settings: str,
) -> Iterator[Product]:
    """Serve a copy of the database `data`; `settings` are environment variables.

    Its timeouts are long: tests/faults tests whether an answer comes in time.
    """
    env = {
        "SQLITE_PATH": str(shutil.copy(data, folder / "data.sqlite")),
        "REDIS_URL": redis_url,
        "FIREBASE_AUTH_EMULATOR_HOST": emulator,
        "FIREBASE_PROJECT_ID": AUTH_PROJECT,
        "FIREBASE_API_KEY": "emulator",
        **settings,
    }
    with (
        hosted_app(app_with_long_timeouts(folder), env, python=python) as app,
        httpx.Client(base_url=app.url, timeout=LONG_SECONDS) as client,
    ):
        yield Product(app, client, env, str(python))
