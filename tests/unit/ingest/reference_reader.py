"""The CSV reader's rules once more, a character at a time, without regard to what that costs."""

from collections.abc import Iterator
from enum import Enum, auto

from shared.ingest.transform import Record
from shared.tracks import rejected
from shared.tracks.rejected import Rejected
from shared.tracks.track import COLUMNS


class State(Enum):
    """Where the next character stands."""

    START_OF_FIELD = auto()
    IN_TEXT = auto()
    IN_QUOTES = auto()
    AFTER_QUOTE = auto()
    """After a quote inside quotes, which ends the field or is the first of two."""
    BROKEN = auto()


def read(text: str) -> Iterator[Record | Rejected]:
    """The records and broken lines of a short file whose header has the data set's order."""
    lines = text.split("\n")
    place = 1
    while place < len(lines):
        if lines[place] not in {"", "\r"}:
            became, spanned = _record(lines, place)
            yield became
            place += spanned
        place += 1


def _record(lines: list[str], place: int) -> tuple[Record | Rejected, int]:
    """The record that starts in this line, and how many of the lines after it belong to it."""
    for end in range(place + 1, len(lines) + 1):
        text = "\n".join(lines[place:end])
        state, fields = _parsed(text.removesuffix("\r"))
        if _parsed(text)[0] is not State.IN_QUOTES:
            break
    broken = state in {State.BROKEN, State.IN_QUOTES}
    if not broken and len(fields) == len(COLUMNS):
        return Record(place + 1, tuple(fields), text.removesuffix("\r")), end - place - 1
    reason = rejected.BARE_QUOTE if broken else rejected.WRONG_FIELD_COUNT
    if _parsed(lines[place])[0] is State.IN_QUOTES:
        reason = rejected.UNTERMINATED_QUOTE
    return Rejected(place + 1, reason, lines[place].removesuffix("\r")), 0


def _parsed(text: str) -> tuple[State, list[str]]:
    """The state after the text, and the fields; empty if it is broken."""
    state, fields = State.START_OF_FIELD, [""]
    for character in text:
        state, meant = _after(state, character)
        if state is State.BROKEN:
            return state, []
        if meant is None:
            fields.append("")
        else:
            fields[-1] += meant
    return state, fields


def _after(state: State, character: str) -> tuple[State, str | None]:
    """The next state, and what the character adds to the field; None ends the field."""
    if state is State.IN_QUOTES:
        return (State.AFTER_QUOTE, "") if character == '"' else (state, character)
    if character == ",":
        return State.START_OF_FIELD, None
    if character == '"' and state is not State.IN_TEXT:
        return State.IN_QUOTES, '"' if state is State.AFTER_QUOTE else ""
    if character == '"' or state is State.AFTER_QUOTE:
        return State.BROKEN, ""
    return State.IN_TEXT, character
