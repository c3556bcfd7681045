"""What commands show: results on stdout, faults and progress on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

type ShowBytes = Callable[[int, int | None], None]
"""(bytes done, bytes in all when that is known)"""


_FILE_COLUMNS: Final = 200
"""Of a table that goes into a file or a pipe, where nothing is cut off."""


def stdout() -> Console:
    console = Console(markup=False, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _FILE_COLUMNS
    return console


def stderr() -> Console:
    return Console(markup=False, highlight=False, soft_wrap=True, stderr=True)


def complain(message: str) -> None:
    stderr().print(message, style="red")


@contextmanager
def byte_progress(title: str) -> Iterator[ShowBytes]:
    """A bar on stderr, when that is a terminal; it goes away when the work is done."""
    console = stderr()
    columns = (TextColumn(title), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def step_progress(title: str, steps: int) -> Iterator[Callable[[], None]]:
    """Likewise for a known number of steps; call what it gives after each."""
    console = stderr()
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(title, total=steps)
        yield lambda: progress.advance(task)
