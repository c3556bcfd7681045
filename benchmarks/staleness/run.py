"""A whole run: every phase with every contender, one after the other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import description, rivals_versions
from benchmarks.staleness.contenders import CONTENDERS, NOBODY, Contender, editor
from benchmarks.staleness.measure import measure
from benchmarks.staleness.phases import PHASES, Phase
from benchmarks.staleness.records import make_database
from benchmarks.staleness.results import Document, Row
from benchmarks.staleness.stage import FULL, Timing
from local.hosted import REPOSITORY


def measure_all(
    timing: Timing = FULL,
    phases: Sequence[Phase] = PHASES,
    contenders: Sequence[Contender] = CONTENDERS,
    say: Callable[[str], object] = lambda _: None,
) -> Iterator[Row]:
    """Yield a row for each phase and contender; `say` is told what is measured."""
    (REPOSITORY / ".local").mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="staleness-", dir=REPOSITORY / ".local") as folder:
        template = make_database(Path(folder))
        with editor(template) as access:
            for phase in phases:
                for contender in contenders:
                    say(f"{contender.title}: {phase.title}")
                    theirs = access if contender.needs_sign_in else NOBODY
                    yield measure(contender, phase, template, theirs, timing)


def document(rows: Sequence[Row], timing: Timing) -> Document:
    """Return the run as it is written to JSON."""
    return {
        "machine": description(),
        "versions": rivals_versions(),
        "timing": asdict(timing),
        "rows": [asdict(row) for row in rows],
    }
