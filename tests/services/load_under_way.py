"""The command `load` in the middle of its file, for tests that stop or kill it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.unit.ingest.data_set import csv_file, line


@contextmanager
def load_under_way(
    environment: Mapping[str, str], directory: Path, *first: str
) -> Iterator[subprocess.Popen[str]]:
    """Start it on a pipe that stays open, with the lines `first` and more than a batch of records.

    All but the content of the pipe has been read.
    """
    pipe = directory / "pipe.csv"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "shared.cli", "load", str(pipe)]
    with (
        subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=directory, env=environment, stderr=subprocess.PIPE, text=True
        ) as running,
        pipe.open("wb") as stream,
    ):
        stream.write(csv_file(*first, *[line(number) for number in range(10, 20_000)]))
        stream.flush()
        yield running
