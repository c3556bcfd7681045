"""Adds the column `line` to a CSV: the number of the line where each record starts.

Data Factory does not number the records of a file, and SQL Server does not promise that a bulk
insert keeps their order. The column says which record came first, in whatever order they arrive.
"""

from collections.abc import Iterator
from typing import IO, Final

from shared.ingest.header import LINE, UTF8_BOM

_PIECE_BYTES: Final = 1 << 16


def numbered(file: IO[bytes], starts: Iterator[int]) -> Iterator[bytes]:
    """Yield the file's content with the column; `starts` has each record's first line, in order.

    A file that has the column already is left as it is. No line is added or removed, so the numbers
    are those of the file.
    """
    header = file.readline()
    if LINE in _names(header):
        yield header
        starts = iter(())
    else:
        yield LINE.encode() + b"," + header.removeprefix(UTF8_BOM)
    number, start = 2, next(starts, None)
    while line := file.readline(_PIECE_BYTES):
        if number == start:
            yield b"%d," % number
            start = next(starts, None)
        yield line
        number += line.endswith(b"\n")


def _names(header: bytes) -> list[str]:
    """The names in a header line, as far as they are text."""
    text = header.removeprefix(UTF8_BOM).decode("utf-8", "replace")
    return [name.strip().strip('"') for name in text.split(",")]
