"""A record's texts to a Track, or to the reason why not: its first fault, in the data set's order.

The T-SQL procedure does the same; `tests/golden/` proves both. The final spelling of a genre is
chosen where the records are staged, because the database may have the genre under another one.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from shared.tracks.parsers import parser_of
from shared.tracks.rejected import Refused, Rejected
from shared.tracks.track import COLUMNS, TRACK_COLUMNS, Track

_PARSERS: Final = tuple(map(parser_of, TRACK_COLUMNS))


class Record(NamedTuple):
    """A record as read: its fields in the data set's order, and the line where it starts."""

    line: int
    fields: Sequence[str]
    raw: str


def transform(record: Record) -> Track | Rejected:
    """The record as it is stored, its genre as the file spells it; or its first fault."""
    try:
        return Track(
            **{
                name: parse(text)
                for name, parse, text in zip(COLUMNS, _PARSERS, record.fields, strict=True)
            }
        )
    except Refused as refused:
        return Rejected(record.line, str(refused), record.raw)
