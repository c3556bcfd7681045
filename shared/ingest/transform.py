"""Turns a record's texts into a Track, or rejects it for its first invalid column.

The T-SQL procedure does the same; the cases of `tests/golden/` prove both. The final spelling of a
genre is chosen where records are staged: the database may have the genre under another one.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from shared.tracks.parsers import parser_of
from shared.tracks.rejected import InvalidValue, Rejected
from shared.tracks.track import COLUMNS, TRACK_COLUMNS, Track

_PARSERS: Final = tuple(map(parser_of, TRACK_COLUMNS))


class Record(NamedTuple):
    """A record as read: the line where it starts, its fields in the data set's order, its text."""

    line: int
    fields: Sequence[str]
    raw: str


def transform(record: Record) -> Track | Rejected:
    """The record as it is stored, with the genre as the file spells it, or why it is rejected."""
    try:
        return Track(
            **{
                name: parse(text)
                for name, parse, text in zip(COLUMNS, _PARSERS, record.fields, strict=True)
            }
        )
    except InvalidValue as invalid:
        return Rejected(record.line, str(invalid), record.raw)
