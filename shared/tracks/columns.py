"""Kinds of columns: what a value may be. Every check of a value is derived from these limits.

The ranges of `track.py` are what the audio features mean (Spotify's Web API reference,
"audio-features"), a little wider than the data set, so that tomorrow's tracks can be stored too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar, Final

from shared.tracks.genres import MAX_GENRE_LENGTH

TRACK_ID_LENGTH: Final = 22

SMALLEST: Final = 1e-99
"""What is closer to 0 is stored as 0: its exponent has more digits than a file may spell, and SQL
Server has no denormal numbers."""


@dataclass(frozen=True, kw_only=True)
class Genre:
    """A genre's name; `genres.py` has the rules."""

    example: str
    max_length: ClassVar[int] = MAX_GENRE_LENGTH


@dataclass(frozen=True, kw_only=True)
class Text:
    """Text without control characters, stored trimmed and in Unicode's form NFC."""

    max_length: int
    example: str


@dataclass(frozen=True, kw_only=True)
class TrackId:
    """Exactly 22 ASCII letters and digits."""

    example: str
    max_length: ClassVar[int] = TRACK_ID_LENGTH


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole number from `low` to `high`, both included.

    `digits` is a regular expression of the numbers as decimal text, for the API's description; it
    may leave out some that are accepted.
    """

    low: int
    high: int
    digits: str
    example: int


@dataclass(frozen=True, kw_only=True)
class Real:
    """A number from `low` to `high`, both included."""

    low: float
    high: float
    example: float


@dataclass(frozen=True, kw_only=True)
class OneOf:
    """One of `values`. In a file, `repairs` maps other spellings to the value that they mean."""

    values: Sequence[str]
    example: str
    repairs: Mapping[str, str] = field(default_factory=dict)

    @property
    def max_length(self) -> int:
        return max(map(len, self.values))


type Kind = Genre | Text | TrackId | Whole | Real | OneOf


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the data set; `type` is the Python type of its values."""

    name: str
    kind: Kind
    type: Any
    is_core: bool
    is_required: bool


def columns_of(record: type[Any]) -> tuple[Column, ...]:
    """The columns that a dataclass declares: see `Track`."""
    return tuple(map(_column, fields(record)))


def _column(declared: Field[Any]) -> Column:
    annotation: Any = declared.type
    return Column(
        name=declared.name,
        kind=annotation.__metadata__[0],
        type=annotation.__origin__,
        is_core=not declared.kw_only,
        is_required=declared.default is MISSING,
    )
