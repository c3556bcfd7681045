"""Reads CSV as RFC 4180 has it; a line that breaks its rules is rejected, and the next one is read.

The standard library's reader would read to the end of the file after one open quote, and accept
bare quotes; hence the regular expressions. Quotes are doubled inside quotes, backslashes are
ordinary text, quoted fields may contain line breaks, lines end with LF or CRLF, and empty lines are
skipped.
"""

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final

from shared.ingest.header import order_of, text_start
from shared.ingest.lines import MAX_RECORD_BYTES, Line, Lines, Readable, first_bytes
from shared.ingest.load_errors import FileError
from shared.ingest.transform import Record
from shared.tracks import rejected
from shared.tracks.rejected import Rejected

_START_BYTES: Final = 4096
_NOTHING: Final[Line] = (1, b"")
_EMPTY: Final = frozenset({b"", b"\r"})
_OPENED: Final = r'"(?:[^"]++|"")*+'
_FIELD: Final = rf'(?:{_OPENED}"|[^",]*+)'
_FIELDS: Final = re.compile(rf"(?:{_FIELD},)++")
_EACH_FIELD: Final = re.compile(rf"({_FIELD}),")
_STILL_OPEN: Final = re.compile(rf"(?:{_FIELD},)*+{_OPENED}")


class _Broken(Exception):
    """The line is not a record; the message is the reason."""


def read(stream: Readable) -> Iterator[Record | Rejected]:
    """Yield the file's records, with their fields in the data set's order, and its broken lines.

    Raises FileError when the stream is not the data set: it is empty or no text, or has another
    header.
    """
    lines = Lines(stream, text_start(first_bytes(stream, _START_BYTES)))
    header = _header(lines)
    width, pick = len(header), itemgetter(*order_of(header))
    for number, content in lines:
        if content in _EMPTY:
            continue
        try:
            text, fields = _record(content, lines, width)
        except _Broken as broken:
            yield Rejected(number, str(broken), _raw(content))
        else:
            yield Record(number, pick(fields), text)


def _header(lines: Lines) -> Sequence[str]:
    _, content = next(lines, _NOTHING)
    if b"\r" in content.removesuffix(b"\r"):
        raise FileError(
            "The header contains a CR. Save the file with lines that end with LF or CRLF, "
            "not with CR alone."
        )
    try:
        return _fields(_text(content).removesuffix("\r"))
    except _Broken as broken:
        raise FileError(f"The header is not that of the data set: {broken}.") from None


def _record(first: bytes, lines: Lines, width: int) -> tuple[str, Sequence[str]]:
    """The text and the `width` fields of the record whose first line is given.

    It may span more lines. If it is broken, only its first line is rejected; the others are pushed
    back and read again.
    """
    text = _text(first)
    if '"' not in text or not _leaves_quote_open(text):
        return _whole(text, width)
    spanned: list[Line] = []
    try:
        following = _to_closing_quote(lines, spanned, len(first))
        return _whole("\n".join([text, *following]), width)
    except _Broken:
        lines.push_back(spanned)
        raise _Broken(rejected.UNTERMINATED_QUOTE) from None


def _leaves_quote_open(text: str) -> bool:
    return _has_odd_quotes(text) and bool(_STILL_OPEN.fullmatch(text))


def _has_odd_quotes(text: str) -> bool:
    return text.count('"') % 2 == 1


def _to_closing_quote(lines: Lines, spanned: list[Line], size: int) -> Iterator[str]:
    """The lines that follow an open quote, up to the one that closes it; `spanned` collects them.

    Inside quotes, a line with an even number of them (doubled, or around another field) ends inside
    quotes again. Such a line opens no quote if it is read again as the start of a record, so a line
    is looked at three times at most, however the quotes of a file lie.
    """
    for line in lines:
        spanned.append(line)
        text = _text(line[1])
        yield text
        size += 1 + len(line[1])
        if size > MAX_RECORD_BYTES:
            break
        if _has_odd_quotes(text):
            return
    raise _Broken(rejected.UNTERMINATED_QUOTE)


def _whole(text: str, width: int) -> tuple[str, Sequence[str]]:
    text = text.removesuffix("\r")
    fields = _fields(text) if '"' in text else text.split(",")
    if len(fields) != width:
        raise _Broken(rejected.WRONG_FIELD_COUNT)
    return text, fields


def _fields(text: str) -> Sequence[str]:
    if not _FIELDS.fullmatch(text + ","):
        raise _Broken(rejected.BARE_QUOTE)
    return [_unquoted(field) for field in _EACH_FIELD.findall(text + ",")]


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field.startswith('"') else field


def _text(content: bytes) -> str:
    if len(content) > MAX_RECORD_BYTES:
        raise _Broken(rejected.TOO_LONG)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise _Broken(rejected.NOT_UTF8) from None


def _raw(content: bytes) -> str:
    return content[:MAX_RECORD_BYTES].decode("utf-8", "backslashreplace").removesuffix("\r")
