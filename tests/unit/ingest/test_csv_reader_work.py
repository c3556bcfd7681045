"""The CSV reader's work: in proportion to the file, however its quotes and its reads lie."""

import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

import pytest

from shared.ingest import csv_reader
from shared.ingest.csv_reader import read
from shared.ingest.lines import MAX_RECORD_BYTES, Line, Lines
from shared.tracks.rejected import UNTERMINATED_QUOTE, Rejected
from shared.tracks.track import COLUMNS

HEADER = ",".join(COLUMNS)
PASSES = 8
"""Over each byte of a file, at most: as a line, by a regular expression, and again after an open
quote."""


class Scanned:
    """Counts the bytes of the lines that are taken, and of the texts that expressions look at."""

    def __init__(self) -> None:
        self.total = 0

    def line(self, line: Line) -> Line:
        self.total += len(line[1]) + 1
        return line


class CountingPattern:
    """A regular expression that adds the length of what it looks at."""

    def __init__(self, pattern: re.Pattern[str], scanned: Scanned) -> None:
        self._pattern = pattern
        self._scanned = scanned

    def __getattr__(self, name: str) -> Callable[[str], Any]:
        method = getattr(self._pattern, name)

        def counted(text: str) -> Any:
            self._scanned.total += len(text)
            return method(text)

        return counted


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> Scanned:
    scanned = Scanned()
    for name, value in vars(csv_reader).copy().items():
        if isinstance(value, re.Pattern):
            monkeypatch.setattr(csv_reader, name, CountingPattern(value, scanned))
    take = Lines.__next__
    monkeypatch.setattr(Lines, "__next__", lambda lines: scanned.line(take(lines)))
    return scanned


def opened(count: int) -> Iterable[str]:
    """One quote that stays open over lines that keep it open."""
    return ['"', *['""'] * count]


def opened_again(count: int) -> Iterable[str]:
    """Each of these lines opens a quote, or keeps one open."""
    return ['x,"a', '"",""', '"b', '",",'] * (count // 4)


def opened_in_each_line(count: int) -> Iterable[str]:
    return ['","'] * count


def opened_over_short_lines(count: int) -> Iterable[str]:
    """Records of many lines that are broken at their ends."""
    return (['"'] + ["x"] * 2000 + ['"y']) * (count // 2000)


def closed_in_the_next_line(count: int) -> Iterable[str]:
    return ['"a', 'b"'] * (count // 2)


@pytest.mark.parametrize(
    "lines",
    [opened, opened_again, opened_in_each_line, opened_over_short_lines, closed_in_the_next_line],
)
@pytest.mark.parametrize("count", [4000, 40_000])
def test_the_bytes_that_are_looked_at_grow_as_the_file_does(
    scanned: Scanned, lines: Callable[[int], Iterable[str]], count: int
) -> None:
    content = "\n".join([HEADER, *lines(count), ""]).encode()
    became = list(read(BytesIO(content)))
    assert all(isinstance(one, Rejected) for one in became)
    assert scanned.total < PASSES * len(content)


def test_an_open_quote_before_empty_lines_is_given_up_long_before_the_end() -> None:
    content = b"\n".join([HEADER.encode(), b'"', *[b""] * 1_000_000])
    stream = BytesIO(content)
    became = next(read(stream))
    assert isinstance(became, Rejected)
    assert became.reason == UNTERMINATED_QUOTE
    assert stream.tell() < 10 * MAX_RECORD_BYTES


class Piece(bytes):
    """What a read returned; counts the bytes that are copied to join it to others."""

    copied = 0

    def __radd__(self, left: bytes) -> bytes:
        Piece.copied += len(left) + len(self)
        return bytes(left) + bytes(self)


class Trickle(BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        del size
        return Piece(super().read(64))


@pytest.fixture
def copied() -> Iterator[type[Piece]]:
    yield Piece
    Piece.copied = 0


def test_a_long_line_in_small_reads_is_not_copied_at_each_of_them(copied: type[Piece]) -> None:
    content = b"\n".join([HEADER.encode(), *[b"x" * 60_000] * 5])
    assert len(list(read(Trickle(content)))) == 5
    assert copied.copied <= len(content)
