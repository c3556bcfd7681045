"""Lines that are not stored, and the reasons; the T-SQL procedure uses the same texts."""

from dataclasses import dataclass
from typing import Final

WRONG_FIELD_COUNT: Final = "record: wrong number of fields"
BARE_QUOTE: Final = "record: bare quote"
UNTERMINATED_QUOTE: Final = "record: unterminated quote"
NOT_UTF8: Final = "record: not UTF-8"
TOO_LONG: Final = "record: too long"
DUPLICATE: Final = "record: duplicate of an earlier line"

EMPTY: Final = "must not be empty"
CONTROL_CHARACTER: Final = "must not contain control characters"
INVISIBLE: Final = "must have a visible character"
NOT_NFC: Final = "must not contain what Unicode's NFC may change"
NOT_A_TRACK_ID: Final = "must be 22 letters and digits"
NOT_A_NUMBER: Final = "not a number"
NOT_A_WHOLE_NUMBER: Final = "not a whole number"
OUT_OF_RANGE: Final = "out of range"
UNKNOWN_VALUE: Final = "unknown value"


def too_long(limit: int) -> str:
    return f"must have at most {limit} characters"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is not stored: the line where it starts (from 1), the reason, its text as read.

    The reason is `column: what is wrong`, of the first invalid column in the data set's order.
    """

    line: int
    reason: str
    raw: str


@dataclass(slots=True)
class Reason:
    """How many lines were rejected for one reason, and the first of them."""

    count: int
    first_line: int


class InvalidValue(ValueError):
    """A field's value cannot be stored; the message is the reason."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(f"{column}: {what}")
