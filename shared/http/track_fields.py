"""The columns of a record as JSON: how a request's values are checked, and the schemas.

The rules are those of a file, on what JSON can carry: a whole number may come as text; every other
value comes as what it is. Fields of the core view come first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from shared.characters import CONTROL, INVISIBLE, ecma
from shared.tracks import genres
from shared.tracks.columns import SMALLEST, Column, Genre, OneOf, Real, Text, TrackId, Whole
from shared.tracks.parsers import parser_of
from shared.tracks.rejected import InvalidValue

type Schema = dict[str, Any]
type Check = Callable[[Any], Any]

_BLANK: Final = r"\t-\r\x1c- \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE: Final = ecma(INVISIBLE)

_TEXT: Final = f"^[{_BLANK}]*[^{CONTROL}]*[^{_BLANK}{CONTROL}{_INVISIBLE}][^{CONTROL}]*[{_BLANK}]*$"
_NOT_IN_GENRE: Final = rf"{CONTROL}{{}}\ue000-\uf8ff{_INVISIBLE}" + "\U000f0000-\U0010ffff"
_GENRE: Final = f"^[{_BLANK}]*[^{_NOT_IN_GENRE}]*[^{_BLANK}{_NOT_IN_GENRE}][{_BLANK}]*$"
"""Unassigned characters are refused, too. The pattern lacks them: they are hundreds of ranges."""


def request_fields(columns: Sequence[Column]) -> dict[str, Any]:
    """Fields of a pydantic model that takes a record; an optional one may be null or left out."""
    return {
        column.name: (
            Annotated[column.type, _Rule(_check(column), _schema(column))],
            ... if column.is_required else None,
        )
        for column in _core_first(columns)
    }


def answer_fields(columns: Sequence[Column]) -> dict[str, Any]:
    """Fields of a pydantic model that describes a record."""
    return {
        column.name: (
            column.type,
            Field(examples=[column.kind.example], json_schema_extra=_enumeration(column)),
        )
        for column in _core_first(columns)
    }


def _core_first(columns: Sequence[Column]) -> Sequence[Column]:
    return sorted(columns, key=lambda column: not column.is_core)


@dataclass(frozen=True)
class _Rule:
    """An annotation that pydantic reads: the check of a value, and its JSON Schema."""

    check: Check
    schema: Schema

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Schema:
        return dict(self.schema)


def _check(column: Column) -> Check:
    """A function that returns the value to store. It raises ValueError, as pydantic expects."""
    match column.kind:
        case Genre(max_length=length):
            check = _text_check(length, _genre)
        case Text(max_length=length) | TrackId(max_length=length):
            check = _text_check(length, _parse(column))
        case Whole():
            check = _whole_check(_parse(column))
        case Real() as kind:
            check = _real_check(kind)
        case OneOf() as kind:
            check = _member_check(kind)
    return check if column.is_required else lambda value: None if value is None else check(value)


def _parse(column: Column) -> Check:
    parser = parser_of(column)

    def parse(value: str) -> Any:
        try:
            return parser(value.strip())
        except InvalidValue as invalid:
            raise ValueError(str(invalid).removeprefix(f"{column.name}: ")) from None

    return parse


def _genre(value: str) -> str:
    """A genre as the API takes it: unlike a file's, it may have marks that NFC composes."""
    name = genres.tidy(value)
    if objection := genres.objection(name):
        raise ValueError(objection)
    return name


def _text_check(max_length: int, parse: Check) -> Check:
    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("must be a string")  # noqa: TRY004 -- pydantic reports ValueError alone
        if len(value) > max_length:
            raise ValueError(f"must have at most {max_length} characters")
        return parse(value)

    return check


def _whole_check(parse: Check) -> Check:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError("must be a whole number")  # noqa: TRY004 -- as above
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        # Parsed values are kept, so without the blanks that a text may have around it.
        return parse(str(value).strip())

    return check


def _real_check(kind: Real) -> Check:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("must be a number")  # noqa: TRY004 -- as above
        if not kind.low <= value <= kind.high:
            raise ValueError(f"must be from {kind.low:g} to {kind.high:g}")
        return float(value) if abs(value) >= SMALLEST else 0.0

    return check


def _member_check(kind: OneOf) -> Check:
    def check(value: Any) -> Any:
        if value not in kind.values:
            raise ValueError(f"must be one of {', '.join(kind.values)}")
        return value

    return check


def _schema(column: Column) -> Schema:
    """What a request may carry, as JSON Schema."""
    match column.kind:
        case Genre(max_length=length):
            return _typed(column, "string", maxLength=length, pattern=_GENRE)
        case Text(max_length=length):
            return _typed(column, "string", maxLength=length, pattern=_TEXT)
        case TrackId(max_length=length):
            pattern = f"^[0-9A-Za-z]{{{length}}}$"
            return _typed(column, "string", maxLength=length, pattern=pattern)
        case Whole(low=low, high=high, digits=digits):
            number = _typed(column, "integer", minimum=low, maximum=high)
            return {"anyOf": [number, {"type": "string", "pattern": f"^ *0{{0,9}}{digits} *$"}]}
        case Real(low=low, high=high):
            return _typed(column, "number", minimum=low, maximum=high)
        case OneOf():
            return _typed(column, "string", **_enumeration(column))


def _typed(column: Column, kind: str, **limits: Any) -> Schema:
    return {"type": kind if column.is_required else [kind, "null"], **limits}


def _enumeration(column: Column) -> Schema:
    if not isinstance(column.kind, OneOf):
        return {}
    return {"enum": [*column.kind.values, *([] if column.is_required else [None])]}
