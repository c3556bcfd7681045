"""A small data set in SQLite, loaded once and copied for each test."""

from pathlib import Path

from local.sample_data import write

ROWS = 3000
GENRES = 26


def write_sample(path: Path) -> Path:
    """The generator's data set, of some hundred records per genre."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for _ in write(file, ROWS, GENRES):
            pass
    return path


REFERENCE = {
    "genre": "Dance",
    "artist_name": "Lana Del Rey",
    "track_name": "Pretty When You Cry",
    "track_id": "6PnluwP0fjGnpIBsqTdUTq",
    "popularity": "60",
    "duration_ms": "234147",
}
"""A record to add; its numbers are sent as texts."""

STORED = {**REFERENCE, "popularity": 60, "duration_ms": 234147}
"""The record that it becomes, in a list."""
