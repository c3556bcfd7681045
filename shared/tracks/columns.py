"""The rules of each column: ranges, enumerations, and the repair of what a spreadsheet did.

The ranges are what the audio features mean (Spotify's Web API reference: `audio-features`), a
little wider than what the data set holds, so that a track of tomorrow can be stored too.
"""

from collections.abc import Mapping
from typing import Final

WHOLE_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "popularity": (0, 100),
    "duration_ms": (1, 2**31 - 1),
}
"""Both ends belong to the range."""

REAL_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "acousticness": (0, 1),
    "danceability": (0, 1),
    "energy": (0, 1),
    "instrumentalness": (0, 1),
    "liveness": (0, 1),
    "loudness": (-100, 20),
    "speechiness": (0, 1),
    "tempo": (0, 500),
    "valence": (0, 1),
}
"""Loudness in dB, tempo in beats per minute; both ends belong to the range."""

KEYS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MODES: Final = ("Major", "Minor")
TIME_SIGNATURES: Final = ("0/4", "1/4", "3/4", "4/4", "5/4")

SPREADSHEET_DATES: Final[Mapping[str, str]] = {
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

COMBINING: Final = (
    (0x0300, 0x036F),
    (0x1161, 0x11FF),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0x3099, 0x309A),
    (0xFE20, 0xFE2F),
)
"""Marks, and the vowels and finals of Korean syllables: refused in a genre, whose name is a key.

T-SQL has no NFC and cannot tell which of them compose with the letter before them.
"""
