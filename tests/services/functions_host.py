"""`serve`: runs a Function App behind the local host, in a process of its own."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from local.hosted import HostedApp, hosted_app


class Serve(Protocol):
    def __call__(self, app_dir: Path, env: Mapping[str, str] | None = None) -> HostedApp: ...


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """`serve(app_dir, env)` returns a running app; `env` is added to this environment.

    Stopped with the module. Raises local.process.StartError with the host's output.
    """
    with ExitStack() as running:

        def start(app_dir: Path, env: Mapping[str, str] | None = None) -> HostedApp:
            return running.enter_context(hosted_app(app_dir, env))

        yield start
