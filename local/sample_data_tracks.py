"""Generated tracks: the text of a CSV row without its genre."""

# ruff: noqa: PLR2004 - a name for each number of a distribution would explain nothing

from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Final

from local.sample_data_names import MAX_ARTIST, MAX_TITLE, Names
from shared.tracks.track import COLUMNS as ALL_COLUMNS

type Body = tuple[str, str]
"""(track_id, the row's text after the genre)"""

_ID_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ID_PAIRS: Final = [first + second for first in _ID_ALPHABET for second in _ID_ALPHABET]
_SCRIPTS: Final[Mapping[str, Sequence[str]]] = {
    "Anime": ("kana", "katakana", "han"),
    "World": ("greek", "hebrew", "thai"),
}
_KEYS: Final = ("C", "G", "D", "C#", "A", "F", "B", "E", "A#", "F#", "G#", "D#")
_KEY_MARKS: Final = tuple(accumulate((27, 26, 24, 23, 22, 20, 18, 17, 15, 15, 15, 7)))
_SIGNATURES: Final = ("4/4", "3/4", "5/4", "1/4", "0/4")
_SIGNATURE_MARKS: Final = tuple(accumulate((200_760, 24_111, 5_238, 2_608, 8)))

COLUMNS: Final = tuple(name for name in ALL_COLUMNS if name != "genre")

EXTREMES: Final = (
    ("popularity", "0"),
    ("popularity", "100"),
    ("duration_ms", "15387"),
    ("duration_ms", "5552917"),
    ("acousticness", "0"),
    ("acousticness", "0.996"),
    ("danceability", "0.0569"),
    ("danceability", "0.989"),
    ("energy", "2.03e-05"),
    ("energy", "0.999"),
    ("instrumentalness", "0"),
    ("instrumentalness", "0.999"),
    ("liveness", "0.00967"),
    ("liveness", "1"),
    ("loudness", "-52.457"),
    ("loudness", "3.744"),
    ("speechiness", "0.0222"),
    ("speechiness", "0.967"),
    ("tempo", "30.379"),
    ("tempo", "242.903"),
    ("valence", "0"),
    ("valence", "1"),
    ("time_signature", "0/4"),
)
"""The ends of the data set's ranges; the first tracks of the file hold one each."""


class Tracks:
    """Generates tracks; an equal random generator gives equal tracks."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._names = Names(random)
        self._special = self._specials()

    def of_genre(self, genre: str, count: int) -> list[Body]:
        """Return `count` new tracks, by artists of this genre only."""
        scripts = _SCRIPTS.get(genre, ())
        artists = self._names.artists(max(1, count // 12), scripts)
        level = self._random.uniform(12, 60)
        return [self._track(artists, scripts, level) for _ in range(count)]

    def _specials(self) -> list[tuple[int, str]]:
        """Return (column index, text) for the first tracks, in reverse order, to be popped."""
        special = [
            *EXTREMES,
            ("artist_name", self._names.longest(MAX_ARTIST)),
            ("track_name", self._names.longest(MAX_TITLE)),
        ]
        return [(COLUMNS.index(column), text) for column, text in reversed(special)]

    def _track(self, artists: Sequence[str], scripts: Sequence[str], level: float) -> Body:
        random = self._random
        track_id = str(random.getrandbits(3)) + "".join(random.choices(_ID_PAIRS, k=11))[:21]
        fields = [
            random.choice(artists),
            self._names.title(scripts)[:MAX_TITLE],
            track_id,
            *self._features(level),
        ]
        if self._special:
            column, text = self._special.pop()
            fields[column] = text
        fields[0] = quoted(fields[0])
        fields[1] = quoted(fields[1])
        return track_id, ",".join(fields)

    def _features(self, level: float) -> list[str]:
        """Return the columns from popularity to valence, formatted as in the data set."""
        random = self._random
        u = random.random
        acoustic = u() ** 2
        lively = 0.5 * u() + 0.5 * (1 - acoustic)
        vocal = u()
        return [
            str(min(99, max(0, int(random.gauss(level, 12))))),
            f"{acoustic * 0.995:.3g}",
            f"{0.06 + (u() + u()) * 0.46:.3g}",
            str(int(random.lognormvariate(12.3, 0.36)) % 5_000_000 + 20_000),
            f"{0.001 + lively * 0.995:.3g}",
            "0" if vocal < 0.6 else f"{0.98 * 10 ** (15 * (0.6 - vocal)):.3g}",
            random.choices(_KEYS, cum_weights=_KEY_MARKS)[0],
            f"{0.02 + u() ** 3 * 0.95:.3g}",
            f"{round(-3 - 24 * (1 - lively) * u() - 2 * u(), 3):.6g}",
            "Major" if u() < 0.65 else "Minor",
            f"{0.0225 + u() ** 5 * 0.94:.3g}",
            f"{round(60 + (u() + u() + u()) * 45, 3):.6g}",
            random.choices(_SIGNATURES, cum_weights=_SIGNATURE_MARKS)[0],
            f"{0.02 + u() * 0.96:.3g}",
        ]


def quoted(text: str) -> str:
    """Return a CSV field (RFC 4180, section 2), quoted if it must be."""
    if "," in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text
