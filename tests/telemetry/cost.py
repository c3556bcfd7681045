"""What telemetry costs a hit: `python -m tests.telemetry.cost [DATABASE]`, beside nothing else.

Two products serve the same lists, one of them exporting to a sink as it does in Azure, and take
turns. The processor time of their processes is compared: it holds still where times do not.
"""

import http.client
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from local.hosted import REPOSITORY, hosted_app
from local.services import start_redis
from tests.telemetry.observed import EXPORTING
from tests.telemetry.sink import running_sink
from tests.telemetry.traces import Caller

LISTS: Final = {"/features/custom?arg=Pop": 400, "/features": 100}
"""Paths, and the hits in a round of each."""

ROUNDS: Final = 20
REPORTS: Final = {
    # As infra/modules/app.bicep has it; the intervals are the distribution's own.
    "OTEL_TRACES_SAMPLER": "microsoft.rate_limited",
    "OTEL_TRACES_SAMPLER_ARG": "1",
}


@dataclass
class Arm:
    """A product; `seconds` until it was ready, `spent` in µs of processor time for each round."""

    process: psutil.Process
    connection: http.client.HTTPConnection
    seconds: float
    traced_at: float = 0.0
    spent: list[float] = field(default_factory=list)

    def round(self, path: str, hits: int) -> None:
        before = self._used()
        for _ in range(hits):
            headers = {**self._caller(), "Accept-Encoding": "gzip"}
            self.connection.request("GET", path, headers=headers)
            self.connection.getresponse().read()
        self.spent.append((self._used() - before) / hits * 1e6)

    def _caller(self) -> dict[str, str]:
        """What Azure's host sends to its worker: it keeps one trace a second."""
        kept = time.monotonic() - self.traced_at >= 1
        if kept:
            self.traced_at = time.monotonic()
        return Caller().headers("01" if kept else "00")

    def _used(self) -> float:
        times = [
            process.cpu_times()
            for process in (self.process, *self.process.children(recursive=True))
        ]
        return float(sum(each.user + each.system for each in times))


@contextmanager
def arm(database: Path, folder: Path, environment: dict[str, str]) -> Iterator[Arm]:
    with ExitStack() as running:
        redis = start_redis(folder).wait()
        running.enter_context(redis.process)
        settings = {"SQLITE_PATH": str(database), "REDIS_URL": redis.address, **environment}
        began = time.perf_counter()
        app = running.enter_context(hosted_app(REPOSITORY, settings))
        seconds = time.perf_counter() - began
        port = int(app.url.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port)
        yield Arm(psutil.Process(app.host.pid), connection, seconds)


def compare(off: Arm, on: Arm, path: str, hits: int) -> str:
    for one in (off, on):
        one.round(path, hits)
        one.spent.clear()
    for number in range(ROUNDS):
        for one in (off, on) if number % 2 else (on, off):
            one.round(path, hits)
    without, with_it = (statistics.fmean(one.spent) for one in (off, on))
    share = with_it / without - 1
    return f"{path:26} {without:8.0f} µs without, {with_it:8.0f} µs with telemetry: {share:+.1%}"


def main() -> None:
    database = Path(sys.argv[1] if sys.argv[1:] else ".local/smart-cache.sqlite").resolve()
    os.environ["RUN_FILE"] = os.devnull
    with ExitStack() as running:
        sink = running.enter_context(running_sink())
        folders = [Path(running.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        slow = {name: text for name, text in EXPORTING.items() if not text.isdecimal()}
        string = {"APPLICATIONINSIGHTS_CONNECTION_STRING": sink.connection_string}
        off = running.enter_context(arm(database, folders[0], {}))
        on = running.enter_context(arm(database, folders[1], {**slow, **string, **REPORTS}))
        for path, hits in LISTS.items():
            sys.stdout.write(f"{compare(off, on, path, hits)}\n")
        memory = [one.process.children()[0].memory_info().rss / 1e6 for one in (off, on)]
        start = f"{off.seconds:.2f} s and {on.seconds:.2f} s"
        sys.stdout.write(f"ready after {start}; {memory[0]:.0f} and {memory[1]:.0f} MB\n")


if __name__ == "__main__":
    main()
