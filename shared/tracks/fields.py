"""Parsers of single fields: the text of a column in, what is stored out, Refused otherwise.

A number is spelt as T-SQL can check it too, without regular expressions: at most 30 characters;
an optional minus, ASCII digits, and, where a fraction is allowed, an optional point with digits
and an optional `e`, sign and one or two digits. So `nan`, `inf`, `+1`, `.5`, `5.`, `1e999`,
`1,5` and other scripts' digits are no numbers. An empty audio feature is one that is not known.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from shared.repository.tables import MAX_ARTIST_LENGTH, MAX_TITLE_LENGTH
from shared.tracks import genres, rejected
from shared.tracks.columns import (
    COMBINING,
    KEYS,
    MODES,
    REAL_RANGES,
    SPREADSHEET_DATES,
    TIME_SIGNATURES,
    WHOLE_RANGES,
)
from shared.tracks.rejected import Refused
from shared.tracks.text import utf16_length
from shared.tracks.track import COLUMNS

type Parser = Callable[[str], Any]

_MAX_NUMBER_LENGTH: Final = 30
_GENRES_KEPT: Final = 256  # a file has some dozens, each in thousands of rows
_WHOLE: Final = re.compile(r"-?[0-9]+")
_REAL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
_TRACK_ID: Final = re.compile(r"[0-9A-Za-z]{22}")
_UNSTORABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_COMBINING: Final = re.compile(
    "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in COMBINING) + "]"
)


def genre(text: str) -> str:
    """A name that may become a genre, as it stands: what NFC would change, T-SQL cannot repair."""
    name = text.strip()
    if _COMBINING.search(name) or not unicodedata.is_normalized("NFC", name):
        raise Refused("genre", rejected.NOT_NFC)
    objection = genres.objection(name)
    if objection:
        raise Refused("genre", objection)
    return name


def _text(column: str, limit: int) -> Parser:
    def parse(text: str) -> str:
        trimmed = text.strip()
        name = trimmed if trimmed.isascii() else unicodedata.normalize("NFC", trimmed)
        if not name:
            raise Refused(column, rejected.EMPTY)
        if utf16_length(name) > limit:
            raise Refused(column, rejected.too_long(limit))
        if _UNSTORABLE.search(name):
            raise Refused(column, rejected.CONTROL_CHARACTER)
        return name

    return parse


def _track_id(text: str) -> str:
    trimmed = text.strip()
    if not _TRACK_ID.fullmatch(trimmed):
        raise Refused("track_id", rejected.NOT_A_TRACK_ID)
    return trimmed


def _whole(column: str, low: int, high: int) -> Parser:
    def parse(text: str) -> int:
        trimmed = text.strip()
        if not trimmed:
            raise Refused(column, rejected.EMPTY)
        if len(trimmed) > _MAX_NUMBER_LENGTH or not _WHOLE.fullmatch(trimmed):
            raise Refused(column, rejected.NOT_A_WHOLE_NUMBER)
        number = int(trimmed)
        if not low <= number <= high:
            raise Refused(column, rejected.OUT_OF_RANGE)
        return number

    return parse


def _real(column: str, low: float, high: float) -> Parser:
    def parse(text: str) -> float | None:
        trimmed = text.strip()
        if not trimmed:
            return None
        if len(trimmed) > _MAX_NUMBER_LENGTH or not _REAL.fullmatch(trimmed):
            raise Refused(column, rejected.NOT_A_NUMBER)
        number = float(trimmed)
        if not low <= number <= high:
            raise Refused(column, rejected.OUT_OF_RANGE)
        return number + 0.0  # -0.0 becomes 0.0

    return parse


def _one_of(column: str, values: Collection[str], repairs: Mapping[str, str]) -> Parser:
    meanings = {"": None} | {value: value for value in values} | dict(repairs)

    def parse(text: str) -> str | None:
        trimmed = text.strip()
        if trimmed not in meanings:
            raise Refused(column, rejected.UNKNOWN_VALUE)
        return meanings[trimmed]

    return parse


def parsers() -> tuple[Parser, ...]:
    """One parser for each column, in the data set's order."""
    by_column: dict[str, Parser] = {
        "genre": lru_cache(_GENRES_KEPT)(genre),
        "artist_name": _text("artist_name", MAX_ARTIST_LENGTH),
        "track_name": _text("track_name", MAX_TITLE_LENGTH),
        "track_id": _track_id,
        "key": _one_of("key", KEYS, {}),
        "mode": _one_of("mode", MODES, {}),
        "time_signature": _one_of("time_signature", TIME_SIGNATURES, SPREADSHEET_DATES),
    }
    by_column |= {column: _whole(column, *ends) for column, ends in WHOLE_RANGES.items()}
    by_column |= {column: _real(column, *ends) for column, ends in REAL_RANGES.items()}
    return tuple(by_column[column] for column in COLUMNS)
