"""The data of `make run`: which file, and whether the embedded database already holds it."""

import contextlib
import json
import os
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from local.process import Child, StartError

REAL = Path("data/SpotifyFeatures.csv")
SAMPLE = Path(".local/SpotifyFeatures-sample.csv")
STAMP = Path(".local/loaded.json")
MIGRATIONS = Path("shared/migrations/versions")


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
    """Migrate the embedded database and load `file`, unless that was done already.

    Whether it was loaded. Raises StartError when a command of the CLI fails.
    """
    if database.is_file() and _stamped() == _stamp(file, database):
        return False
    STAMP.unlink(missing_ok=True)
    run_cli(["migrate"], environ)
    run_cli(["load", str(file)], environ)
    STAMP.write_text(json.dumps(_stamp(file, database)), "utf-8")
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


def _stamped() -> object:
    """The last stamp; None without one, and for one that was cut short."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads(STAMP.read_text("utf-8"))
    return None


def _stamp(file: Path, database: Path) -> dict[str, str | int]:
    """Tells a file, the database it went into and that one's tables from every other."""
    about, migrations = file.stat(), sorted(MIGRATIONS.glob("*.py"))
    return {
        "file": os.fspath(file.resolve()),
        "size": about.st_size,
        "changed": about.st_mtime_ns,
        "database": os.fspath(database.resolve()),
        "inode": database.stat().st_ino,
        "migrations": zlib.crc32(b"".join(migration.read_bytes() for migration in migrations)),
    }
