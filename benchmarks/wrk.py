"""Runs wrk, the load generator: closed loops over keep-alive connections."""

import resource
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.load import ENOUGH_FOR_P99, Load
from benchmarks.machine import OTHERS_CORE, pinned

SCRIPT = Path(__file__).with_name("wrk.lua")


def run(url: str, clients: int, seconds: int, headers: Mapping[str, str]) -> Load:
    """Load `url` through `clients` connections for some seconds."""
    command = [*pinned(OTHERS_CORE), "wrk", "-t1", f"-c{clients}", f"-d{seconds}s"]
    command += ["--timeout", "60s", "-s", str(SCRIPT)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    before = _children_seconds()
    output = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    used = _children_seconds() - before
    line = next(line for line in output.splitlines() if line.startswith("RESULT"))
    requests, micros, size, errors, p50, p95, p99, slowest = (int(n) for n in line.split()[1:])
    return Load(
        clients=clients,
        requests=requests,
        per_second=requests / (micros / 1e6),
        p50=p50 / 1000,
        p95=p95 / 1000,
        p99=p99 / 1000 if requests >= ENOUGH_FOR_P99 else None,
        slowest=slowest / 1000,
        bytes_per_answer=size / max(1, requests),
        errors=errors,
        generator=used / (micros / 1e6),
    )


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
