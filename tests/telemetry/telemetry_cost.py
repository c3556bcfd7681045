"""Measures what telemetry costs a hit: `python -m tests.telemetry.telemetry_cost [DATABASE]`.

Run it alone on the machine. Some processes export to a sink, as in Azure, some export nothing; they
take turns to serve the same list to themselves, without HTTP. The figure is the processor time of a
round, the exporter's threads included. Each group has two processes without telemetry: their
difference is the noise.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.hosted import REPOSITORY
from local.services import start_redis
from tests.telemetry.exporting_product import EXPORTING
from tests.telemetry.hit_process import READY
from tests.telemetry.ingestion_sink import running_sink

PATH: Final = "/features/custom?arg=Pop"
HITS: Final = 400
ROUNDS: Final = 24
GROUPS: Final = 5
"""Processes differ in speed: the median of several groups is printed."""


@dataclass
class Product:
    process: subprocess.Popen[str]
    rounds: list[float] = field(default_factory=list)

    def round(self) -> None:
        """Run a round; keep its processor time per hit in µs."""
        assert self.process.stdin
        self.process.stdin.write(f"{HITS} {PATH}\n")
        self.process.stdin.flush()
        self.rounds.append(float(self.line()))

    def line(self) -> str:
        """Return its next line of output that is for this program."""
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith(READY):
                return line.removeprefix(READY)
        raise ChildProcessError("a product ended")


@contextmanager
def product(database: Path, environment: Mapping[str, str]) -> Iterator[Product]:
    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        redis = start_redis(Path(folder)).wait()
        running.enter_context(redis.process)
        settings = {"SQLITE_PATH": str(database), "REDIS_URL": redis.address, "TMPDIR": folder}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.telemetry.hit_process"],
            env={**os.environ, **settings, **environment},
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.callback(process.wait)
        running.callback(process.kill)
        started = Product(process)
        started.line()
        yield started


def group(database: Path, kinds: Mapping[str, Mapping[str, str]]) -> dict[str, float]:
    """Return the median round of one product of each kind."""
    with ExitStack() as running:
        products = {
            kind: running.enter_context(product(database, settings))
            for kind, settings in kinds.items()
        }
        for one in products.values():
            one.round()
            one.rounds.clear()
        for number in range(ROUNDS):
            for one in list(products.values())[:: 1 if number % 2 else -1]:
                one.round()
        return {kind: statistics.median(one.rounds) for kind, one in products.items()}


def main() -> None:
    database = Path(sys.argv[1] if sys.argv[1:] else ".local/smart-cache.sqlite").resolve()
    os.environ["RUN_FILE"] = os.devnull
    with running_sink() as sink:
        exporting = {name: text for name, text in EXPORTING.items() if not text.isdecimal()}
        exporting["APPLICATIONINSIGHTS_CONNECTION_STRING"] = sink.connection_string
        kinds: dict[str, dict[str, str]] = {
            "without telemetry": {},
            "without, once more": {},
            "no trace is kept": {**exporting, "KEPT": "0"},
            "one in a hundred": {**exporting, "KEPT": "0.01"},
            "every trace": {**exporting, "KEPT": "1"},
        }
        groups = [group(database, kinds) for _ in range(GROUPS)]
    for kind in kinds:
        spent = statistics.median(one[kind] for one in groups)
        more = statistics.median(one[kind] - one["without telemetry"] for one in groups)
        sys.stdout.write(f"{kind:20} {spent:6.0f} µs a hit, {more:+5.0f}\n")


if __name__ == "__main__":
    main()
