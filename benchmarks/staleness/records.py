"""The database that every contender gets a copy of: many genres with about 2,000 records."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from local.sample_data import write

GENRES: Final = 66
RECORDS: Final = 2000 * GENRES
LEAST: Final = 50
"""The sample's smallest genre has few records: it is not read."""


def make_database(folder: Path) -> Path:
    """Load a generated data set into a new SQLite file of the product."""
    file, database = folder / "sample.csv", folder / "template.sqlite"
    with file.open("w", encoding="utf-8", newline="") as stream:
        for _ in write(stream, RECORDS, GENRES):
            pass
    environment = {**os.environ, "SQLITE_PATH": str(database), "RUN_FILE": os.devnull}
    for step in (["migrate"], ["load", str(file)]):
        command = [sys.executable, "-m", "shared.cli", *step]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return database


def genres(database: Path) -> list[str]:
    """Return the genres to read, each with about the same number of records."""
    query = "SELECT genre FROM features GROUP BY genre HAVING count(*) >= ? ORDER BY genre"
    with closing(sqlite3.connect(database)) as connection:
        return [genre for (genre,) in connection.execute(query, [LEAST])]
