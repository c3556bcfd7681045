"""What the terminal shows during the race: two live columns, or plain lines where it is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from benchmarks.demo.race import Race, Said
from benchmarks.demo.side import Score, Side

LEAST_COLUMNS: Final = 76
LEAST_LINES: Final = 24
EVENTS_SHOWN: Final = 8
LINE_SECONDS: Final = 2.0


class Screen(Protocol):
    def tick(self) -> None:
        """Show the figures of now."""
        ...


@contextmanager
def screen(race: Race, console: Console) -> Iterator[Screen]:
    """Yield a live screen where the terminal can have one."""
    width, height = console.size
    if can_redraw(console) and width >= LEAST_COLUMNS and height >= LEAST_LINES:
        with Live(console=console, auto_refresh=False) as live:
            yield Columns(race, live)
    else:
        yield Lines(race, console)


def can_redraw(console: Console) -> bool:
    """Whether lines that are printed can be replaced."""
    return console.is_terminal and not console.is_dumb_terminal


class Columns:
    """Two columns that are drawn again at each tick."""

    def __init__(self, race: Race, live: Live) -> None:
        self._race, self._live = race, live

    def tick(self) -> None:
        race = self._race
        sides = Table.grid(expand=True)
        for _ in race.sides:
            sides.add_column(ratio=1)
        sides.add_row(*(_panel(side, side.score()) for side in race.sides))
        self._live.update(Group(_head(race), sides, _happened(race.said)), refresh=True)


class Lines:
    """A line for each event, and one for both sides every two seconds."""

    def __init__(self, race: Race, console: Console) -> None:
        self._race, self._console = race, console
        self._said, self._due = 0, LINE_SECONDS

    def tick(self) -> None:
        for said in self._race.said[self._said :]:
            self._print(said.second, said.text)
        self._said = len(self._race.said)
        if self._race.second >= self._due:
            self._due += LINE_SECONDS
            for side in self._race.sides:
                self._print(self._race.second, f"{side.title}: {in_words(side.score())}")

    def _print(self, second: float, text: str) -> None:
        self._console.print(f"{second:4.1f} s  {text}", soft_wrap=True)


def in_words(score: Score) -> str:
    """Return the figures of a side on one line."""
    verdict = score.verdict
    return (
        f"{verdict.reads:,} reads, hits {_share(score.hits)}, p50 {_ms(score.p50)}, "
        f"{verdict.failed:,} failed, {verdict.stale:,} stale"
    )


def _head(race: Race) -> RenderableType:
    second = min(race.second, race.seconds)
    done = round(30 * second / race.seconds)
    bar = Text("━" * done, "green") + Text("━" * (30 - done), "bright_black")
    return Text(f"{second:5.1f} s of {race.seconds:.0f}  ") + bar


def _panel(side: Side, score: Score) -> RenderableType:
    verdict = score.verdict
    stale = Text(f"{verdict.stale:,}", "bold red" if verdict.stale else "bold green")
    table = Table.grid(padding=(0, 2))
    table.add_row("reads", f"{verdict.reads:,}")
    table.add_row("hits", _share(score.hits))
    table.add_row("p50", _ms(score.p50))
    table.add_row("acknowledged", f"{score.acknowledged:,} records")
    table.add_row("failed reads", f"{verdict.failed:,}")
    table.add_row("stale reads", stale)
    table.add_row("wrong for", f"{verdict.longest:.2f} s at most" if verdict.stale else "-")
    return Panel(table, title=side.title, border_style="red" if verdict.stale else "green")


def _happened(said: list[Said]) -> RenderableType:
    lines = [f"{one.second:5.1f} s  {one.text}" for one in said[-EVENTS_SHOWN:]]
    return Text("\n".join(lines + [""] * (EVENTS_SHOWN - len(lines))))


def _share(hits: float | None) -> str:
    return "-" if hits is None else f"{hits:.0%}"


def _ms(p50: float | None) -> str:
    return "-" if p50 is None else f"{p50:.1f} ms"
