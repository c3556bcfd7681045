"""The terminal: results on stdout, errors and progress on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

type ShowBytes = Callable[[int, int | None], None]
"""(bytes done, bytes in all, None while that is unknown)"""


_FILE_COLUMNS: Final = 200
"""Width of a table in a file or a pipe: wide enough that nothing is cut off."""


def stdout() -> Console:
    console = Console(markup=False, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _FILE_COLUMNS
    return console


def stderr() -> Console:
    return Console(markup=False, highlight=False, soft_wrap=True, stderr=True)


def print_error(message: str) -> None:
    """Print an error."""
    stderr().print(message, style="red")


@contextmanager
def byte_progress(title: str) -> Iterator[ShowBytes]:
    """Show a progress bar until the block ends. Yields the function that updates it."""
    with _progress(title, DownloadColumn(), TimeRemainingColumn()) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def step_progress(title: str, steps: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar until the block ends. Yields the function to call after each step."""
    with _progress(title, MofNCompleteColumn()) as progress:
        task = progress.add_task(title, total=steps)
        yield lambda: progress.advance(task)


def _progress(title: str, *figures: ProgressColumn) -> Progress:
    """A bar on stderr, which removes itself; invisible where stderr is no terminal."""
    console = stderr()
    columns = (TextColumn(title), BarColumn(), *figures)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
