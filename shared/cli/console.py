"""The terminal: results on stdout, errors and progress on stderr.

Every text is printed escaped (`printable`): names, file names and errors come from outside.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

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

from shared.printable import printable

type ShowBytes = Callable[[int, int | None], None]
"""(bytes done, bytes in all, None while that is unknown)"""


_FILE_COLUMNS: Final = 200
"""Width of a table in a file or a pipe: wide enough that nothing is cut off."""


def escape_unknown_characters() -> None:
    """Escape the characters that the encoding of the output lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None if it was closed before the start
            stream.reconfigure(errors="backslashreplace")


def stdout() -> Console:
    """Return the console for tables, whose cells are escaped already. For lines: print_lines."""
    console = _console()
    if not console.is_terminal:
        console.width = _FILE_COLUMNS
    return console


def stderr() -> Console:
    return _console(stderr=True)


def print_lines(*lines: str) -> None:
    """Print each text as one line."""
    for line in lines:
        stdout().print(printable(line))


def print_error(*lines: str) -> None:
    """Print an error, each text as one line. If stderr fails, only the exit status tells of it."""
    try:
        for line in lines:
            stderr().print(printable(line), style="red")
    except OSError:
        discard(sys.stderr)


def discard(stream: TextIO | None) -> None:
    """Drop what is still written to a stream that failed; the interpreter flushes it at its end."""
    if stream is not None:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - no path of ours
            os.dup2(nowhere.fileno(), stream.fileno())


def _console(*, stderr: bool = False) -> Console:
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=True, stderr=stderr)


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
