"""A record's 18 texts to a Track, or to the reason why not: one fault, the first in file order.

The T-SQL procedure does the same; `tests/golden/` proves both. How a genre is spelt in the end
is settled where the records are staged: only the database knows the spellings it has already.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from shared.tracks.fields import parsers
from shared.tracks.rejected import Refused, Rejected
from shared.tracks.track import Track

_PARSERS: Final = parsers()


class Record(NamedTuple):
    """A record as read: its fields in the data set's order, and the line where it starts."""

    line: int
    fields: Sequence[str]
    raw: str


def transform(record: Record) -> Track | Rejected:
    """The record as it is stored, its genre in the file's spelling; or its first fault."""
    try:
        values = [parse(field) for parse, field in zip(_PARSERS, record.fields, strict=True)]
    except Refused as refused:
        return Rejected(record.line, str(refused), record.raw)
    genre, artist, title, track_id, popularity, acousticness, danceability, duration, *rest = values
    return Track(
        genre, artist, title, track_id, popularity, duration, acousticness, danceability, *rest
    )
