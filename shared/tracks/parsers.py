"""Parsers of a file's fields, given without the blanks around them.

Text in, what is stored out, InvalidValue for what cannot be stored.

A number is written as T-SQL can check it too, without regular expressions: at most 30 characters;
an optional minus, ASCII digits, and, where a fraction is allowed, an optional point with digits
and an optional `e`, sign and one or two digits. So `nan`, `inf`, `+1`, `.5`, `5.`, `1e999`,
`1,5` and the digits of other scripts are not numbers. An empty field of an optional column is None.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from shared.tracks import genres, rejected
from shared.tracks.columns import (
    SMALLEST,
    TRACK_ID_LENGTH,
    Column,
    Genre,
    Kind,
    OneOf,
    Real,
    Text,
    TrackId,
    Whole,
)
from shared.tracks.rejected import InvalidValue
from shared.tracks.text import UNSTORABLE, VISIBLE, utf16_length

type Parser = Callable[[str], Any]

_MAX_NUMBER_LENGTH: Final = 30
_MAX_DECOMPOSED: Final = 4
"""No character has a longer canonical decomposition (U+1F82 has four), so NFC makes one character
of at most so many."""

_VALUES_KEPT: Final = 8192
"""Texts of a column that are parsed once: most columns have fewer, each in thousands of rows.

What is kept is small: text that is long, or is refused, is not.
"""

_WHOLE: Final = re.compile(r"-?[0-9]+")
_REAL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
_TRACK_ID: Final = re.compile(rf"[0-9A-Za-z]{{{TRACK_ID_LENGTH}}}")


def parser_of(column: Column) -> Parser:
    """The parser of one column's trimmed fields; it raises InvalidValue."""
    parser = _parser(column)
    return lru_cache(_VALUES_KEPT)(parser) if _has_few_values(column.kind) else parser


def _has_few_values(kind: Kind) -> bool:
    if isinstance(kind, Whole):
        return kind.high - kind.low < _VALUES_KEPT
    return isinstance(kind, Genre | OneOf | Real)


def _parser(column: Column) -> Parser:
    match column.kind:
        case Genre():
            return _genre(column)
        case Text() as kind:
            return _text(column, kind)
        case TrackId():
            return _track_id(column)
        case Whole() as kind:
            return _number(column, kind, _WHOLE, int, rejected.NOT_A_WHOLE_NUMBER)
        case Real() as kind:
            return _number(column, kind, _REAL, float, rejected.NOT_A_NUMBER)
        case OneOf() as kind:
            return _one_of(column, kind)


def _genre(column: Column) -> Parser:
    def parse(name: str) -> str:
        """A name that T-SQL, which has no NFC, would spell and fold as Python does."""
        if not genres.is_composed(name):
            raise InvalidValue(column.name, rejected.NOT_NFC)
        if objection := genres.objection(name):
            raise InvalidValue(column.name, objection)
        return name

    return parse


def _text(column: Column, kind: Text) -> Parser:
    limit = kind.max_length
    is_unstorable, is_visible = UNSTORABLE.search, VISIBLE.search

    def parse(text: str) -> str | None:
        if text.isascii() and text.isprintable() and 0 < len(text) <= limit:
            return text
        if len(text) > _MAX_DECOMPOSED * limit:  # NFC takes quadratic time to sort marks
            raise InvalidValue(column.name, rejected.too_long(limit))
        name = unicodedata.normalize("NFC", text)
        if not name:
            _check_optional(column)
            return None
        if utf16_length(name) > limit:
            raise InvalidValue(column.name, rejected.too_long(limit))
        if is_unstorable(name):
            raise InvalidValue(column.name, rejected.CONTROL_CHARACTER)
        if not is_visible(name):
            raise InvalidValue(column.name, rejected.INVISIBLE)
        return name

    return parse


def _track_id(column: Column) -> Parser:
    is_track_id = _TRACK_ID.fullmatch

    def parse(text: str) -> str:
        if not is_track_id(text):
            raise InvalidValue(column.name, rejected.NOT_A_TRACK_ID)
        return text

    return parse


def _number(
    column: Column, kind: Whole | Real, form: re.Pattern[str], number_of: Parser, objection: str
) -> Parser:
    low, high, has_form = kind.low, kind.high, form.fullmatch

    def parse(text: str) -> int | float | None:
        if not text:
            _check_optional(column)
            return None
        if len(text) > _MAX_NUMBER_LENGTH or not has_form(text):
            raise InvalidValue(column.name, objection)
        number: int | float = number_of(text)
        if not low <= number <= high:
            raise InvalidValue(column.name, rejected.OUT_OF_RANGE)
        return number if abs(number) >= SMALLEST else number_of("0")

    return parse


def _one_of(column: Column, kind: OneOf) -> Parser:
    meanings = {value: value for value in kind.values} | dict(kind.repairs)

    def parse(text: str) -> str | None:
        if not text:
            _check_optional(column)
            return None
        if text not in meanings:
            raise InvalidValue(column.name, rejected.UNKNOWN_VALUE)
        return meanings[text]

    return parse


def _check_optional(column: Column) -> None:
    """Raise InvalidValue for the empty field of a required column."""
    if column.is_required:
        raise InvalidValue(column.name, rejected.EMPTY)
