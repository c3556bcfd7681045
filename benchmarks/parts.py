"""The parts of the benchmark, which run one after the other."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import product_alone
from benchmarks.contenders import PRODUCT, running
from benchmarks.fill import TURNS, measured
from benchmarks.machine import OTHERS_CORE, on_core
from benchmarks.results import Results
from benchmarks.servers import running_redis
from benchmarks.tasks import Plan, tasks
from benchmarks.turns import run_in_turns
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Run:
    """What a part gets: it adds to the results, and tells what it does."""

    plan: Plan
    database: Path
    results: Results
    tell: Callable[[str], object]


def in_turns(run: Run) -> None:
    """Let all contenders run, and measure their tasks in turns."""
    with (
        on_core(OTHERS_CORE),
        TemporaryDirectory() as folder,
        running(run.database, Path(folder)) as contenders,
    ):
        for task in tasks(run.plan):
            run_in_turns(task, contenders, run.results, run.tell)
        ours = contenders[PRODUCT]
        for name, measure in product_alone.steps(ours, run.plan, run.results):
            run.tell(name)
            measure()
        product_alone.peaks(contenders, run.results)


def memory(run: Run) -> None:
    """Measure the memory of a process that has answered with every list."""
    run.tell("every list")
    with TemporaryDirectory() as folder, running_redis(Path(folder)) as redis_url:
        environment = {"REDIS_URL": redis_url, "SQLITE_PATH": str(run.database)}
        product_alone.every_list(environment, run.results)


def fill(run: Run) -> None:
    """Measure a fill, and what it cannot do without."""
    run.tell("a fill")
    settings = Settings.load(sqlite_path=run.database)
    run.results.fill = {name: asdict(times) for name, times in measured(settings, TURNS).items()}


PARTS: Final[tuple[Callable[[Run], None], ...]] = (fill, memory, in_turns)
"""The short ones come first, so that what cannot run is seen at once."""
