"""The records that the tests read and send: a small data set, and one new record."""

from pathlib import Path

from local.sample_data import write

ROWS = 3000
GENRES = 26


def write_sample(path: Path) -> Path:
    """Write the generated data set: about a hundred records per genre."""
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
"""A new record, with numbers as strings: the reference payload."""

STORED = {**REFERENCE, "popularity": 60, "duration_ms": 234147}
"""The same record as a list has it."""
