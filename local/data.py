"""The data of `make run`: chooses the file and loads it, unless the database holds it already."""

import json
import os
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from local import files, sample_file
from local.database import make_readable, state
from local.process import Child, StartError

DATABASE = Path(".local/smart-cache.sqlite")
STAMP = Path(".local/loaded.json")
MIGRATIONS = Path("shared/repository/migrations/versions")


def data_file(environ: Mapping[str, str], console: Console) -> Path:
    """Return DATA, else data/SpotifyFeatures.csv, else the generated sample. Raises StartError."""
    if wanted := environ.get("DATA"):
        if not Path(wanted).is_file():
            raise StartError(f"DATA={wanted}: there is no such file")
        return Path(wanted)
    if sample_file.REAL.is_file():
        return sample_file.REAL
    if not sample_file.is_whole():
        with console.status("Writing the sample data set ..."):
            sample_file.generate()
    return sample_file.SAMPLE


def fill_database(file: Path, database: Path, environ: Mapping[str, str]) -> bool:
    """Migrate the embedded database and load `file`; return False if that was done before.

    Raises StartError when a command of the CLI fails.
    """
    make_readable(database, is_ours=database == DATABASE.absolute())
    if _is_filled(file, database):
        return False
    STAMP.unlink(missing_ok=True)
    run_cli(["migrate"], environ)
    run_cli(["load", str(file)], environ)
    files.write(STAMP, json.dumps(_stamp(file, database)))
    return True


def run_cli(arguments: list[str], environ: Mapping[str, str]) -> None:
    """Run a command of `shared.cli` on this terminal. Raises StartError when it fails."""
    command = [sys.executable, "-m", "shared.cli", *arguments]
    with Child(command, env=environ, show=True) as cli:
        if status := cli.wait():
            raise StartError(f"python -m shared.cli {' '.join(arguments)} ended with {status}")


def _is_filled(file: Path, database: Path) -> bool:
    """Whether the stamp is of this load, and the database's version is not lower than after it."""
    stamped, now = files.read_json(STAMP), _stamp(file, database)
    match stamped, now:
        case {"version": int(loaded), **rest}, {"version": int(current), **others}:
            return rest == others and current >= loaded
    return False


def _stamp(file: Path, database: Path) -> dict[str, str | int | None]:
    """Identify a load: the file, the database, its version, and the migrations."""
    about, migrations = file.stat(), sorted(MIGRATIONS.glob("*.py"))
    epoch, version = state(database) or (None, None)
    return {
        "file": os.fspath(file.resolve()),
        "size": about.st_size,
        "changed": about.st_mtime_ns,
        "database": os.fspath(database.resolve()),
        "epoch": epoch,
        "version": version,
        "migrations": zlib.crc32(b"".join(migration.read_bytes() for migration in migrations)),
    }
