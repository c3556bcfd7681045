"""A record of the data set, and the two views of it that lists are made of.

`Track` is the only declaration of the columns in Python: the CSV's parsers, the tables, and the
JSON of requests and answers are derived from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final, Self

from shared.tracks.columns import Genre, OneOf, Real, Text, TrackId, Whole, columns_of

_KEYS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_TIME_SIGNATURES: Final = ("0/4", "1/4", "3/4", "4/4", "5/4")
_SPREADSHEET_DATES: Final[Mapping[str, str]] = {
    # Read as month/day, as in the USA: 1/4 is the 4th of January.
    "4-Jan": "1/4",
    "4-Mar": "3/4",
    "4-Apr": "4/4",
    "4-May": "5/4",
    "04-Jan": "1/4",
    "04-Mar": "3/4",
    "04-Apr": "4/4",
    "04-May": "5/4",
    # Read as day/month, as in Europe: 1/4 is the 1st of April.
    "1-Apr": "1/4",
    "3-Apr": "3/4",
    "5-Apr": "5/4",
    "01-Apr": "1/4",
    "03-Apr": "3/4",
    "05-Apr": "5/4",
}
"""What a spreadsheet makes of `3/4`. No two readings collide; `0/4` is no date and stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One record; its fields stand in the data set's order.

    Those of the core view are required and may be given by position. The others are audio
    features: None where the data set does not have them.
    """

    genre: Annotated[str, Genre(example="Dance")] = field(kw_only=False)
    artist_name: Annotated[str, Text(max_length=500, example="Lana Del Rey")] = field(kw_only=False)
    track_name: Annotated[str, Text(max_length=1000, example="Pretty When You Cry")] = field(
        kw_only=False
    )
    track_id: Annotated[str, TrackId(example="6PnluwP0fjGnpIBsqTdUTq")] = field(kw_only=False)
    popularity: Annotated[
        int, Whole(low=0, high=100, digits="([0-9]|[1-9][0-9]|100)", example=60)
    ] = field(kw_only=False)
    acousticness: Annotated[float | None, Real(low=0, high=1, example=0.42)] = None
    danceability: Annotated[float | None, Real(low=0, high=1, example=0.61)] = None
    duration_ms: Annotated[
        int, Whole(low=1, high=2**31 - 1, digits="[1-9][0-9]{0,8}", example=234147)
    ] = field(kw_only=False)
    energy: Annotated[float | None, Real(low=0, high=1, example=0.55)] = None
    instrumentalness: Annotated[float | None, Real(low=0, high=1, example=0.0001)] = None
    key: Annotated[str | None, OneOf(values=_KEYS, example="C#")] = None
    liveness: Annotated[float | None, Real(low=0, high=1, example=0.11)] = None
    loudness: Annotated[float | None, Real(low=-100, high=20, example=-6.7)] = None  # dB
    mode: Annotated[str | None, OneOf(values=("Major", "Minor"), example="Minor")] = None
    speechiness: Annotated[float | None, Real(low=0, high=1, example=0.04)] = None
    tempo: Annotated[float | None, Real(low=0, high=500, example=120.5)] = None  # beats per minute
    time_signature: Annotated[
        str | None, OneOf(values=_TIME_SIGNATURES, repairs=_SPREADSHEET_DATES, example="4/4")
    ] = None
    valence: Annotated[float | None, Real(low=0, high=1, example=0.3)] = None


TRACK_COLUMNS: Final = columns_of(Track)
"""The data set's columns, in its order."""

COLUMNS: Final = tuple(column.name for column in TRACK_COLUMNS)
"""Their names."""

CORE_COLUMNS: Final = tuple(column.name for column in TRACK_COLUMNS if column.is_core)


class View(StrEnum):
    """Which columns a list's records carry, in which order."""

    columns: tuple[str, ...]

    CORE = "core", CORE_COLUMNS
    FULL = "full", COLUMNS

    def __new__(cls, name: str, columns: tuple[str, ...] = ()) -> Self:
        view = str.__new__(cls, name)
        view._value_ = name
        view.columns = columns
        return view
