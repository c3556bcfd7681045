"""Turns a record's texts into a row to stage, or rejects it for its first invalid column.

The T-SQL procedure does the same; the cases of `tests/golden/` prove both. The final spelling of a
genre is chosen where records are staged: the database may have the genre under another one.
"""

from collections.abc import Sequence
from operator import call
from typing import Final, NamedTuple

from shared.repository.load_target import StagedRow
from shared.tracks.parsers import parser_of
from shared.tracks.rejected import InvalidValue, Rejected
from shared.tracks.track import TRACK_COLUMNS

_PARSERS: Final = tuple(map(parser_of, TRACK_COLUMNS))


class Record(NamedTuple):
    """A record as read: the line where it starts, its fields in the data set's order, its text."""

    line: int
    fields: Sequence[str]
    raw: str


def transform(record: Record) -> StagedRow | Rejected:
    """The record as it is stored, with the genre as the file spells it, or why it is rejected.

    A load calls this hundreds of thousands of times: `map` calls the parsers without Python's steps
    between them, and the dictionary that a Track is made from would cost as much as the parsers.
    """
    try:
        return (record.line, *map(call, _PARSERS, map(str.strip, record.fields)))
    except InvalidValue as invalid:
        return Rejected(record.line, str(invalid), record.raw)
