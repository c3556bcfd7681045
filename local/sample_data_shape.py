"""The shape of the sample: its genres, their rows, their order, and how many tracks repeat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

ROWS: Final = 232_725
DISTINCT_TRACKS: Final = 176_774

GENRES: Final = (
    ("Movie", 7806),
    ("R&B", 8992),
    ("A Capella", 119),
    ("Alternative", 9263),
    ("Country", 8664),
    ("Dance", 8701),
    ("Electronic", 9377),
    ("Anime", 8936),
    ("Folk", 9299),
    ("Blues", 9023),
    ("Opera", 8280),
    ("Hip-Hop", 9295),
    ("Children's Music", 5403 + 9353),
    ("Rap", 9232),
    ("Indie", 9543),
    ("Classical", 9256),
    ("Pop", 9386),
    ("Reggae", 8771),
    ("Reggaeton", 8927),
    ("Jazz", 9441),
    ("Rock", 9272),
    ("Ska", 8874),
    ("Comedy", 9681),
    ("Soul", 9089),
    ("Soundtrack", 9646),
    ("World", 9096),
)
"""Canonical genres with their rows in the data set, in the order of the file."""

TWO_SPELLINGS: Final = "Children's Music"
OTHER_SPELLING: Final = "Children\u2019s Music"
_PLAIN_SHARE: Final = (5403, 5403 + 9353)


@dataclass(frozen=True, slots=True)
class Genre:
    """A canonical genre: its number of rows, `repeats` of them with tracks of earlier genres."""

    name: str
    rows: int
    repeats: int


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive rows of the file with one genre in one spelling; `rows` within the genre."""

    genre: int
    spelling: str
    rows: range


def plan(rows: int = ROWS, genres: int = len(GENRES)) -> list[Genre]:
    """Return the genres of a file of `rows` rows, with the proportions of the data set.

    Genres beyond the data set's 26 are invented. Raises ValueError if a genre would be empty.
    """
    if not 1 <= genres <= rows:
        raise ValueError("there must be at least one genre, and a row for each")
    weights = [GENRES[number % len(GENRES)][1] for number in range(genres)]
    counts = _share(rows, weights)
    repeats = _repeats(counts, round(rows * (ROWS - DISTINCT_TRACKS) / ROWS))
    return [
        Genre(_name(number), count, repeat)
        for number, (count, repeat) in enumerate(zip(counts, repeats, strict=True))
    ]


def runs(genres: Sequence[Genre]) -> Iterator[Run]:
    """Yield two runs of each genre, the next genre's first run between them, as in the data set."""
    cuts = [genre.rows // 3 for genre in genres]
    if cuts:
        yield from _spelt(genres, 0, range(cuts[0]))
    for number, cut in enumerate(cuts):
        if number + 1 < len(genres):
            yield from _spelt(genres, number + 1, range(cuts[number + 1]))
        yield from _spelt(genres, number, range(cut, genres[number].rows))


def _spelt(genres: Sequence[Genre], number: int, rows: range) -> Iterator[Run]:
    genre = genres[number]
    if genre.name != TWO_SPELLINGS:
        yield Run(number, genre.name, rows)
        return
    part, whole = _PLAIN_SHARE
    change = min(max(genre.rows * part // whole, rows.start), rows.stop)
    yield Run(number, genre.name, range(rows.start, change))
    yield Run(number, OTHER_SPELLING, range(change, rows.stop))


def _share(rows: int, weights: Sequence[int]) -> list[int]:
    """Give each genre one row, and the rest by weight; rounded sums make the total exact."""
    spare, total = rows - len(weights), sum(weights)
    marks = [0, *(spare * mark // total for mark in accumulate(weights))]
    counts = [1 + high - low for low, high in pairwise(marks)]
    return list(weights) if (rows, len(weights)) == (ROWS, len(GENRES)) else counts


def _repeats(counts: Sequence[int], wanted: int) -> list[int]:
    """Spread the repeats over the genres; a genre can only repeat tracks of earlier ones."""
    repeats: list[int] = []
    known, left = 0, sum(counts)
    for count in counts:
        fair = round(wanted * count / left) if known else 0
        repeat = min(fair, count, known)
        repeats.append(repeat)
        known += count - repeat
        wanted -= repeat
        left -= count
    return repeats


def _name(number: int) -> str:
    return GENRES[number][0] if number < len(GENRES) else f"Made-up Genre {number + 1}"
