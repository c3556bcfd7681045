"""Starts the contenders, one at a time, with the same core, Redis and database."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.cpu import cpu_seconds, process_tree
from benchmarks.machine import OTHERS_CORE, SERVER_CORE, pinned
from local.hosted import REPOSITORY, hosted_app
from local.process import Child, answers, free_port
from local.programs import NGINX
from local.services import Service, start_redis

RIVALS_VENV = REPOSITORY / ".local" / "rivals"
RIVALS = ("naive", "naive_typed", "fastapi_cache2", "cashews_bytes")
START_SECONDS = 60.0
IDLE_SECONDS, IDLE_CPU_SECONDS, SETTLE_SECONDS = 0.2, 0.01, 60.0
NGINX_CONFIGURATION = """
daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; gzip_static on; keepalive_requests 1000000;
  default_type application/json;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{ listen 127.0.0.1:{port}; root {directory}; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running contender: its URL and process."""

    url: str
    child: Child

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.processes())

    def settle(self) -> None:
        """Wait until it is idle. Raises RuntimeError if that takes longer than SETTLE_SECONDS."""
        give_up, before = time.monotonic() + SETTLE_SECONDS, -IDLE_CPU_SECONDS
        while (now := self.cpu_seconds()) - before >= IDLE_CPU_SECONDS:
            if time.monotonic() > give_up:
                raise RuntimeError("the server is busy without any request")
            before = now
            time.sleep(IDLE_SECONDS)

    def peak_mib(self) -> float:
        """Return the peak memory (VmHWM) of all its processes."""
        peaks = [_peak_kib(process.pid) for process in self.processes()]
        return sum(peaks) / 1024

    def processes(self) -> Sequence[psutil.Process]:
        return process_tree(self.child.pid)


@contextmanager
def product(environment: Mapping[str, str]) -> Iterator[Server]:
    """Run Smart Cache behind the local functions host."""
    with hosted_app(REPOSITORY, environment, before=pinned(SERVER_CORE)) as app:
        yield Server(app.url, app.host)


@contextmanager
def redis_service(folder: Path) -> Iterator[Service]:
    """Yield an empty Redis on the load generator's core."""
    service = start_redis(folder).wait()
    with service.process:
        if pinned(OTHERS_CORE):
            os.sched_setaffinity(service.process.pid, {OTHERS_CORE})
        yield service


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Yield the URL of an empty Redis on the load generator's core."""
    with redis_service(folder) as service:
        yield service.address


@contextmanager
def constant_answers(body: Path) -> Iterator[Server]:
    """Run a function that always answers with this file, behind the local functions host."""
    app_dir = Path(__file__).parent / "constant_app"
    with hosted_app(app_dir, {"BODY": str(body)}, before=pinned(SERVER_CORE)) as app:
        yield Server(app.url, app.host)


@contextmanager
def under_func(environment: Mapping[str, str]) -> Iterator[Server]:
    """Run Smart Cache behind Azure Functions Core Tools, which use the platform's own host."""
    port = free_port()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    given = {**environment, "PATH": path, "FUNCTIONS_WORKER_RUNTIME": "python"}
    with _started(["func", "start", "--port", str(port)], port, given) as server:
        yield server


@contextmanager
def rival(name: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run a rival under uvicorn, as its users would."""
    port = free_port()
    command = [str(RIVALS_VENV / "bin" / "python"), "-m", "uvicorn"]
    command += [f"benchmarks.rivals.{name}:app", f"--port={port}", "--log-level=warning"]
    with _started(command, port, environment) as server:
        yield server


@contextmanager
def nginx(directory: Path) -> Iterator[Server]:
    """Run nginx with static files: the fastest that this machine can send these bytes."""
    port = free_port()
    configuration = directory / "nginx.conf"
    configuration.write_text(NGINX_CONFIGURATION.format(directory=directory, port=port))
    command = [NGINX.path(), "-p", str(directory), "-c", str(configuration)]
    with _started(command, port, {}) as server:
        yield server


def install_rivals() -> None:
    """Create the rivals' virtual environment, unless it is up to date."""
    requirements = Path(__file__).parent / "rivals" / "requirements.txt"
    stamp = RIVALS_VENV / "ready"
    if stamp.is_file() and stamp.stat().st_mtime > requirements.stat().st_mtime:
        return
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--clear", "-p", sys.executable, RIVALS_VENV], check=True)
    python = RIVALS_VENV / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "-q", "-p", python, "-r", requirements], check=True)
    stamp.touch()


@contextmanager
def _started(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run a server on its core; yield it when it accepts connections on `port`."""
    given = {**os.environ, "PYTHONPATH": str(REPOSITORY), **environment}
    with Child([*pinned(SERVER_CORE), *command], env=given, cwd=REPOSITORY) as child:
        child.wait_until(lambda: answers(port), START_SECONDS)
        yield Server(f"http://127.0.0.1:{port}", child)


def _peak_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0
