"""The columns of a record as JSON values: how each is checked, and the JSON Schema that says so.

The rules are those of the ingest, on what JSON can carry: whole numbers may come as texts, as in
the reference payload; everything else comes as what it is.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from shared.repository.tables import MAX_ARTIST_LENGTH, MAX_TITLE_LENGTH, TRACK_ID_LENGTH
from shared.tracks import genres
from shared.tracks.columns import KEYS, MODES, REAL_RANGES, TIME_SIGNATURES, WHOLE_RANGES
from shared.tracks.fields import parsers
from shared.tracks.rejected import Refused
from shared.tracks.track import COLUMNS

_PARSERS: Final = dict(zip(COLUMNS, parsers(), strict=True))
_SMALLEST: Final = 1e-99
"""What is closer to 0 is 0: a file cannot spell it, and SQL Server has no denormal numbers."""

_BLANK, _CONTROL = r"\t-\r\x1c- \x85", r"\x00-\x1f\x7f-\x9f"
_TEXT: Final = (
    f"^[{_BLANK}]*[^{_BLANK}{_CONTROL}]([^{_CONTROL}]*[^{_BLANK}{_CONTROL}])?[{_BLANK}]*$"
)
_GENRE: Final = _TEXT.replace(_CONTROL, _CONTROL + "{}")
_WHOLE_TEXTS: Final = {
    "popularity": r"^ *0{0,9}([0-9]|[1-9][0-9]|100) *$",
    "duration_ms": r"^ *0{0,9}[1-9][0-9]{0,8} *$",
}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004 -- pydantic reports ValueError alone
    return value


def _parsed(column: str, value: str) -> Any:
    try:
        return _PARSERS[column](value)
    except Refused as refused:
        raise ValueError(str(refused).removeprefix(f"{column}: ")) from None


def _genre(value: str) -> str:
    """A genre as the API takes it: unlike a file's, it may bring marks that NFC composes."""
    name = genres.tidy(value)
    if objection := genres.objection(name):
        raise ValueError(objection)
    return name


def _whole(column: str) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError("must be a whole number")  # noqa: TRY004 -- likewise
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return int(_parsed(column, str(value)))

    return check


def _real(column: str) -> Callable[[Any], float | None]:
    low, high = REAL_RANGES[column]

    def check(value: Any) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("must be a number")  # noqa: TRY004 -- likewise
        if not low <= value <= high:
            raise ValueError(f"must be from {low:g} to {high:g}")
        return float(value) if abs(value) >= _SMALLEST else 0.0

    return check


def _member(values: Collection[str]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value is not None and value not in values:
            raise ValueError(f"must be one of {', '.join(values)}")
        return value

    return check


def _texts(name: str, length: int, pattern: str = _TEXT) -> "Column":
    rule = _genre if name == "genre" else lambda value: _parsed(name, value)

    def check(value: Any) -> Any:
        if len(_text(value)) > length:
            raise ValueError(f"must have at most {length} characters")
        return rule(value)

    return Column(check, {"type": "string", "maxLength": length, "pattern": pattern})


def _wholes(name: str) -> "Column":
    low, high = WHOLE_RANGES[name]
    number = {"type": "integer", "minimum": low, "maximum": high}
    digits = {"type": "string", "pattern": _WHOLE_TEXTS[name]}
    return Column(_whole(name), {"anyOf": [number, digits]})


def _reals(name: str) -> "Column":
    low, high = REAL_RANGES[name]
    return Column(_real(name), {"type": ["number", "null"], "minimum": low, "maximum": high})


def _enumerations(values: Collection[str]) -> "Column":
    return Column(_member(values), {"type": ["string", "null"], "enum": [*values, None]})


@dataclass(frozen=True)
class Column:
    """What pydantic needs to know of a column: its check, and its JSON Schema in a request."""

    check: Callable[[Any], Any]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)


def column(name: str) -> Column:
    """The rules of one of the data set's columns."""
    return _COLUMNS[name]


_COLUMNS: Final = {
    "genre": _texts("genre", genres.MAX_GENRE_LENGTH, _GENRE),
    "artist_name": _texts("artist_name", MAX_ARTIST_LENGTH),
    "track_name": _texts("track_name", MAX_TITLE_LENGTH),
    "track_id": _texts("track_id", TRACK_ID_LENGTH, f"^[0-9A-Za-z]{{{TRACK_ID_LENGTH}}}$"),
    "key": _enumerations(KEYS),
    "mode": _enumerations(MODES),
    "time_signature": _enumerations(TIME_SIGNATURES),
    **{name: _wholes(name) for name in WHOLE_RANGES},
    **{name: _reals(name) for name in REAL_RANGES},
}
