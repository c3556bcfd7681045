"""Uploads a CSV into the container that the pipeline's trigger watches."""

import os
from collections.abc import Callable
from itertools import batched
from pathlib import Path
from typing import Final

from azure.storage.blob import ContentSettings

from shared.ingest.csv_reader import read
from shared.ingest.line_numbers import numbered
from shared.ingest.load_errors import FileError, NothingToLoad
from shared.ingest.source import open_source, translate_os_errors
from shared.ingest.storage import blob_of, translate_storage_errors
from shared.settings import Settings

_CSV: Final = ContentSettings(content_type="text/csv; charset=utf-8")
_PIECES: Final = 1000
"""So many are sent as one: the storage client would append them to each other one by one."""

WATCHED_SUFFIX: Final = ".csv"
"""The trigger's `blobPathEndsWith`."""


def upload(
    path: Path, name: str, settings: Settings, progress: Callable[[int, int | None], None]
) -> int:
    """Store the file as `container/blob`, replacing an older one, and return its size in bytes.

    The blob has one more column, `line` (line_numbers.py). `progress` is called with the bytes sent
    and the size. Raises FileError when the file is not the data set or cannot be stored,
    NothingToLoad when it has no records.
    """
    if not name.endswith(WATCHED_SUFFIX):
        raise FileError(f"{name}: the pipeline only starts for names that end with .csv.")
    _check(path, settings)
    with (
        blob_of(name, settings) as blob,
        translate_storage_errors(blob),
        open_source(str(path), settings) as source,
        translate_os_errors(path),
        path.open("rb") as file,
    ):
        size = os.fstat(file.fileno()).st_size
        pieces = numbered(file, (record.line for record in read(source.stream)))
        blob.upload_blob(
            map(b"".join, batched(pieces, _PIECES, strict=False)),
            overwrite=True,
            content_settings=_CSV,
            progress_hook=lambda sent, _: progress(min(sent, size), size),
        )
    return size


def _check(path: Path, settings: Settings) -> None:
    """Refuse a file that the pipeline could not load, while the operator is watching."""
    with open_source(str(path), settings) as source:
        if source.size is None:
            raise FileError(f"{path} is a pipe or a device; upload a file.")
        if next(read(source.stream), None) is None:
            raise NothingToLoad({})
