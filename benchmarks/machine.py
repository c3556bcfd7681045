"""The machine of a run: its description, and the cores that processes are bound to."""

import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from local.programs import NGINX

SERVER_CORE, OTHERS_CORE = 0, 1
"""The server under test has its own core; Redis and the load generator share the other."""


def pinned(core: int) -> list[str]:
    """Return the command prefix that binds a process to a core, if there are several."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Bind this thread, and what it starts, to a core during the block, where that is possible."""
    if not hasattr(os, "sched_setaffinity") or not pinned(core):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def description() -> dict[str, str]:
    """Return date, machine and versions."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpu": _cpu(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "redis": _first_line("redis-server", "--version"),
        "nginx": _first_line(NGINX.path(), "-v"),
        "wrk": _first_line("wrk", "-v"),
        "azure-functions-runtime": version("azure-functions-runtime"),
    }


def rivals_versions() -> dict[str, str]:
    """Return the versions of what the rivals are made of."""
    folder = Path(__file__).parent / "rivals"
    pinned_lines = (folder / "requirements.txt").read_text().splitlines()
    versions = dict(line.split("==") for line in pinned_lines if "==" in line)
    wanted = (line.partition("[")[0] for line in (folder / "requirements.in").read_text().split())
    return {name: versions[name] for name in sorted(wanted) if name in versions}


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]
