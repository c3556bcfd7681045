"""`make demo`: a race of the naive design and Smart Cache, each with a Redis of its own."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Final, NoReturn

from rich.console import Console

from benchmarks.demo import chart
from benchmarks.demo.ending import sentence
from benchmarks.demo.packages import check_programs, install
from benchmarks.demo.race import SECONDS, Race
from benchmarks.demo.screen import can_redraw, in_words, screen
from benchmarks.demo.side import Side
from benchmarks.staleness.contenders import DEFAULTS, NAIVE, PRODUCT, auth_emulator, sign_in
from benchmarks.staleness.instances import running_pair
from benchmarks.staleness.records import genres, make_database
from local import files
from local.process import StartError
from local.programs import MissingProgramError
from local.tether import ENDS

LOCAL: Final = Path(".local").absolute()
CHART: Final = LOCAL / "demo.svg"
INTRODUCTION: Final = """\
The same race for both: two instances, one Redis and one SQLite each;
four readers of one list without a pause, a writer, and the same faults
at the same moments."""


def main(arguments: Sequence[str]) -> int:
    """Return 0, also after Ctrl-C, or 1 if something is missing or does not start."""
    console = Console(highlight=False, markup=False)
    for number in ENDS:
        signal.signal(number, _stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)  # tether.py has blocked them
    seconds = float(arguments[0]) if arguments else SECONDS
    try:
        _demo(console, seconds)
    except (MissingProgramError, StartError, TimeoutError) as reason:
        console.print(f"The demo cannot run: {reason}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0
    return 0


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """End the demo; ignore further signals, so that everything is stopped."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _demo(console: Console, seconds: float) -> None:
    check_programs()
    LOCAL.mkdir(exist_ok=True)
    with ExitStack() as running:
        race = _prepared(running, console, seconds)
        console.print(INTRODUCTION, soft_wrap=True)
        with screen(race, console) as shown:
            race.run(shown.tick)
        _end(race, console)


def _prepared(running: ExitStack, console: Console, seconds: float) -> Race:
    """Start both sides; `running` stops them."""
    with _step(console, "Installing the packages of the naive side and of the emulator ..."):
        install()
    with _step(console, "Loading the records ..."):
        folder = running.enter_context(TemporaryDirectory(prefix="demo-", dir=LOCAL))
        template = make_database(Path(folder))
    with _step(console, "Starting two instances of each side ..."):
        settings = running.enter_context(auth_emulator())
        naive = running.enter_context(running_pair(NAIVE.start, template, DEFAULTS))
        product = running.enter_context(running_pair(PRODUCT.start, template, settings))
        product = sign_in(product, settings)
    sides = (
        Side(NAIVE.title, naive, says_hits=False),
        Side(PRODUCT.title, product, says_hits=True),
    )
    return Race(sides, genres(template)[0], seconds)


@contextmanager
def _step(console: Console, text: str) -> Iterator[None]:
    """Show what takes its time: a spinner in a terminal, else a line."""
    if can_redraw(console):
        with console.status(text):
            yield
    else:
        console.print(text)
        yield


def _end(race: Race, console: Console) -> None:
    """Print a sentence for each side, and write the chart."""
    for side in race.sides:
        score, missing = side.final_score(), side.lacking()
        console.print(f"{side.title}: {in_words(score)}", soft_wrap=True)
        style = "red" if score.verdict.stale or missing else "green"
        console.print(sentence(side.title, score, missing), style=style, soft_wrap=True)
    files.write(CHART, chart.draw(race))
    console.print(f"The chart is in {os.path.relpath(CHART)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
