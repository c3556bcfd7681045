"""The data of `make run`: which file, and whether the embedded database already holds it."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from local.process import Child, StartError

REAL = Path("data/SpotifyFeatures.csv")
SAMPLE = Path(".local/SpotifyFeatures-sample.csv")
STAMP = Path(".local/loaded.json")


def data_file(environ: Mapping[str, str], console: Console) -> Path:
    """DATA, else data/SpotifyFeatures.csv, else the generated sample. Raises StartError."""
    if wanted := environ.get("DATA"):
        if not Path(wanted).is_file():
            raise StartError(f"DATA={wanted}: there is no such file")
        return Path(wanted)
    if REAL.is_file():
        return REAL
    if not SAMPLE.is_file():
        _generate(console)
    return SAMPLE


def fill_database(file: Path, database: Path, environ: Mapping[str, str]) -> bool:
    """Migrate the embedded database and load `file`, unless it holds it already.

    Whether it was loaded. Raises StartError when a command of the CLI fails.
    """
    run_cli(["migrate"], environ)
    stamp = _stamp(file, database)
    if STAMP.is_file() and json.loads(STAMP.read_text("utf-8")) == stamp:
        return False
    STAMP.unlink(missing_ok=True)
    run_cli(["load", str(file)], environ)
    STAMP.write_text(json.dumps(stamp), "utf-8")
    return True


def run_cli(arguments: list[str], environ: Mapping[str, str]) -> None:
    """One command of `shared.cli` on this terminal. Raises StartError when it fails."""
    command = [sys.executable, "-m", "shared.cli", *arguments]
    with Child(command, env=environ, show=True) as cli:
        if status := cli.wait():
            raise StartError(f"python -m shared.cli {' '.join(arguments)} ended with {status}")


def _generate(console: Console) -> None:
    unfinished = SAMPLE.with_suffix(".unfinished")
    command = [sys.executable, "-m", "local.sample_data", str(unfinished)]
    with console.status("Writing the sample data set ..."), Child(command) as generator:
        generator.wait()
        if generator.status:
            raise StartError(f"no sample data:\n{generator.output()}")
    unfinished.replace(SAMPLE)


def _stamp(file: Path, database: Path) -> dict[str, str | int]:
    """Tells a file, and the database it went into, from every other; a new database has new ids."""
    about, where = file.stat(), database.stat()
    return {
        "file": os.fspath(file.resolve()),
        "size": about.st_size,
        "changed": about.st_mtime_ns,
        "database": os.fspath(database.resolve()),
        "inode": where.st_ino,
    }
