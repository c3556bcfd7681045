"""The SQL of every rival: the six fields in the order of ids, from the product's SQLite file."""

import os
import sqlite3
from typing import Any

FIELDS = ("genre", "artist_name", "track_name", "track_id", "popularity", "duration_ms")
LIMIT = 100_000


def connect() -> sqlite3.Connection:
    return sqlite3.connect(os.environ["SQLITE_PATH"], timeout=10)


def read(genre: str | None) -> list[dict[str, Any]]:
    """Return the records of a genre, or the first LIMIT of all."""
    where = "WHERE genre = ?" if genre else ""
    arguments = [genre] if genre else []
    query = f"SELECT {', '.join(FIELDS)} FROM features {where} ORDER BY id LIMIT {LIMIT}"  # noqa: S608
    connection = connect()
    try:
        return [dict(zip(FIELDS, row, strict=True)) for row in connection.execute(query, arguments)]
    finally:
        connection.close()


def write(record: dict[str, Any]) -> None:
    names, marks = ", ".join(FIELDS), ", ".join("?" for _ in FIELDS)
    connection = connect()
    try:
        with connection:
            connection.execute(
                f"INSERT INTO features ({names}) VALUES ({marks})",  # noqa: S608 - our own names
                [record[name] for name in FIELDS],
            )
    finally:
        connection.close()
