"""Writes a generated data set of the size and shape of SpotifyFeatures.csv, the same on every run.

`python -m local.sample_data data/SpotifyFeatures.csv`

It needs no package: `make run` writes the data while the packages are being installed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import IO, Final

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


def main() -> int:
    """Write a generated data set; return 0, or 1 if the file cannot be written."""
    options = _options()
    path, rows = options.path, options.rows
    try:
        with replacing(path) as file:
            _show(write(file, rows, min(options.genres, rows)), rows)
    except OSError as error:
        print(f"{path} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{path}: {rows:,} rows, {path.stat().st_size / 1e6:.1f} MB", file=sys.stderr)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.sample_data", description=__doc__)
    parser.add_argument("path", type=Path, help="the CSV file to write")
    parser.add_argument("--rows", type=_up_to(_MAX_ROWS), default=ROWS)
    parser.add_argument("--genres", type=_up_to(_MAX_GENRES), default=len(GENRES))
    return parser.parse_args()


def _up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"it must be from 1 to {most}")
        return value

    return number


def _show(written: Iterator[int], rows: int) -> None:
    """Show a progress bar on a terminal."""
    if not sys.stderr.isatty():
        for _ in written:
            pass
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Sample data", total=rows)
        for count in written:
            progress.advance(task, count)


if __name__ == "__main__":
    sys.exit(main())
