"""Checks the start of a file: that it is UTF-8 text and has the data set's columns."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from shared.ingest.load_errors import FileError
from shared.tracks.track import COLUMNS

UTF8_BOM: Final = b"\xef\xbb\xbf"
LINE: Final = "line"
"""A column that a file may have besides the data set's: `line_numbers.py` adds it."""

_NOT_TEXT: Final[Mapping[bytes, str]] = {
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
    b"\x1f\x8b": "compressed by gzip; unpack it first",
    b"BZh": "compressed by bzip2; unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; unpack it first",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet; unpack it, or export it as CSV",
    b"PAR1": "a Parquet file; export it as CSV",
}


def text_start(start: bytes) -> bytes:
    """The first bytes of a file, without a BOM. Raises FileError if they are not UTF-8 text."""
    if not start:
        raise FileError("The file is empty.")
    for signature, kind in _NOT_TEXT.items():
        if start.startswith(signature):
            raise FileError(f"The file is not a CSV: it is {kind}.")
    if b"\0" in start.partition(b"\n")[0]:
        raise FileError("The file is not a CSV in UTF-8: it contains NUL bytes.")
    return start.removeprefix(UTF8_BOM)


def order_of(header: Sequence[str]) -> list[int]:
    """The positions in this file of the data set's columns, which may come in any order.

    The column LINE is not needed: the reader counts lines itself. Raises FileError when a column is
    missing, unknown or repeated.
    """
    names = [name.strip() for name in header]
    problems = [
        _list("missing", [name for name in COLUMNS if name not in names]),
        _list("unknown", [name for name in names if name not in {*COLUMNS, LINE}]),
        _list("repeated", [name for name, count in Counter(names).items() if count > 1]),
    ]
    if any(problems):
        raise FileError(
            "The header is not that of the data set: " + "; ".join(filter(None, problems)) + "."
        )
    return [names.index(name) for name in COLUMNS]


def _list(problem: str, names: Sequence[str]) -> str:
    """The names, cut short: a file of another kind may be one long line."""
    shown = ", ".join(repr(name[:40]) for name in names[:20])
    return f"{problem} {shown}{', ...' if len(names) > 20 else ''}" if names else ""  # noqa: PLR2004 - as above
