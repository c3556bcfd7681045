"""Writes a generated data set of the size and shape of SpotifyFeatures.csv, the same on every run.

`python -m local.sample_data data/SpotifyFeatures.csv`
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import IO, Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from local.sample_data_shape import GENRES, ROWS, plan, runs
from local.sample_data_tracks import COLUMNS, Body, Tracks, quoted

_SEED: Final = 232_725
_MAX_ROWS: Final = 2_000_000
_MAX_GENRES: Final = 10_000


def write(file: IO[str], rows: int = ROWS, genres: int = len(GENRES)) -> Iterator[int]:
    """Write the CSV in runs of one genre; yields the number of rows of each, for a progress bar."""
    planned = plan(rows, genres)
    random = Random(_SEED)  # noqa: S311 - generated data, the same on every run
    tracks = Tracks(random)
    known: list[Body] = []
    bodies: list[list[Body]] = []
    file.write("genre," + ",".join(COLUMNS) + "\n")
    for run in runs(planned):
        for genre in planned[len(bodies) : run.genre + 1]:
            new = tracks.of_genre(genre.name, genre.rows - genre.repeats)
            # The file is sorted by track_id within a genre.
            bodies.append(sorted(new + random.sample(known, genre.repeats)))
            known += new
        rows_of_genre = bodies[run.genre]
        start = quoted(run.spelling) + ","
        file.writelines(f"{start}{rows_of_genre[row][1]}\n" for row in run.rows)
        yield len(run.rows)


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Yield a file that replaces `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def main(
    path: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    rows: Annotated[int, typer.Option("--rows", "--records", min=1, max=_MAX_ROWS)] = ROWS,
    genres: Annotated[int, typer.Option(min=1, max=_MAX_GENRES)] = len(GENRES),
) -> None:
    """Write a generated data set of the size and shape of SpotifyFeatures.csv."""
    genres = min(genres, rows)
    console = Console(stderr=True, markup=False, highlight=False)
    try:
        with replacing(path) as file:
            _show(write(file, rows, genres), rows, console)
    except OSError as error:
        console.print(f"{path} cannot be written: {error.strerror}", style="red", soft_wrap=True)
        sys.exit(1)
    console.print(f"{path}: {rows:,} rows, {path.stat().st_size / 1e6:.1f} MB", soft_wrap=True)


def _show(written: Iterator[int], rows: int, console: Console) -> None:
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Sample data", total=rows)
        for count in written:
            progress.advance(task, count)


if __name__ == "__main__":
    typer.run(main)
