"""Starts `local.host` in a process of its own, for tests and benchmarks."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.host import READY
from local.process import Child

REPOSITORY = Path(__file__).resolve().parent.parent

START_SECONDS = 60.0


@dataclass(frozen=True)
class HostedApp:
    """A running app: `url` without a slash at its end, and the host's process."""

    url: str
    host: Child


def start_host(
    app_dir: Path,
    env: Mapping[str, str],
    *,
    port: int = 0,
    before: Sequence[str] = (),
    python: str | Path = sys.executable,
) -> Child:
    """Start a host; its output contains READY and the URL when it accepts requests."""
    command = [*before, str(python), "-m", "local.host"]
    command += [f"--port={port}", f"--app-dir={app_dir}"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **env}
    return Child(command, env=environment, cwd=REPOSITORY)


@contextmanager
def hosted_app(
    app_dir: Path,
    env: Mapping[str, str] | None = None,
    *,
    port: int = 0,
    before: Sequence[str] = (),
    python: str | Path = sys.executable,
) -> Iterator[HostedApp]:
    """Serve the app in `app_dir` until the block ends; `env` is added to this environment.

    `before` stands in front of the command (taskset and its options), `python` runs it. Yields when
    requests are accepted. Raises StartError with the host's output if the app cannot be loaded.
    """
    with start_host(app_dir, env or {}, port=port, before=before, python=python) as host:
        host.wait_until(lambda: READY in host.output(), START_SECONDS)
        yield HostedApp(host.output().rpartition(READY)[2].split()[0], host)
