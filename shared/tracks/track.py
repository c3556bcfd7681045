"""A record of the data set: its columns, and the two views of it that lists are made of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

COLUMNS: Final = (
    "genre",
    "artist_name",
    "track_name",
    "track_id",
    "popularity",
    "acousticness",
    "danceability",
    "duration_ms",
    "energy",
    "instrumentalness",
    "key",
    "liveness",
    "loudness",
    "mode",
    "speechiness",
    "tempo",
    "time_signature",
    "valence",
)
"""The data set's columns, in its order."""

CORE_COLUMNS: Final = (
    "genre",
    "artist_name",
    "track_name",
    "track_id",
    "popularity",
    "duration_ms",
)


class View(StrEnum):
    """Which columns a list's records carry, in which order."""

    CORE = "core"
    FULL = "full"

    @property
    def columns(self) -> tuple[str, ...]:
        return CORE_COLUMNS if self is View.CORE else COLUMNS


@dataclass(frozen=True, slots=True)
class Track:
    """One record. Text is trimmed NFC; audio features are optional (None when not given)."""

    genre: str
    artist_name: str
    track_name: str
    track_id: str
    popularity: int
    duration_ms: int
    acousticness: float | None = None
    danceability: float | None = None
    energy: float | None = None
    instrumentalness: float | None = None
    key: str | None = None
    liveness: float | None = None
    loudness: float | None = None
    mode: str | None = None
    speechiness: float | None = None
    tempo: float | None = None
    time_signature: str | None = None
    valence: float | None = None
