"""A record's 18 texts to a Track, or to the reason why not: one fault, the first in file order.

The T-SQL procedure does the same; `tests/golden/` proves both.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.catalog.genres import fold
from shared.catalog.track import Track
from shared.ingest.fields import parsers
from shared.ingest.rejected import Refused, Rejected


class Record(NamedTuple):
    """A record as read: its fields in the data set's order, and the line where it starts."""

    line: int
    fields: Sequence[str]
    raw: str


class Transformation:
    """Remembers how each genre is spelt: as the database has it, else as first stored."""

    def __init__(self, known_genres: Iterable[str] = ()) -> None:
        self._spellings = {fold(name): name for name in known_genres}
        self._canonical: dict[str, str] = {}
        self._parsers = parsers()

    def __call__(self, record: Record) -> Track | Rejected:
        try:
            values = [
                parse(field) for parse, field in zip(self._parsers, record.fields, strict=True)
            ]
        except Refused as refused:
            return Rejected(record.line, str(refused), record.raw)
        genre, artist, title, track_id, popularity, acousticness, danceability, *rest = values
        duration, *features = rest
        return Track(
            self._canonical.get(genre) or self._canonicalise(genre),
            artist,
            title,
            track_id,
            popularity,
            duration,
            acousticness,
            danceability,
            *features,
        )

    def _canonicalise(self, name: str) -> str:
        """Only a record that is stored settles a spelling, hence after all fields are parsed."""
        canonical = self._spellings.setdefault(fold(name), name)
        self._canonical[name] = canonical
        return canonical
