"""A binary stream as numbered lines, within bounded memory."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol

MAX_RECORD_BYTES: Final = 65_536
"""No record is longer; the longest of the data set has under 500 bytes."""

_CHUNK_BYTES: Final = 1 << 18


class Readable(Protocol):
    """What a file and a blob have in common: the next bytes, at most `size`; none at the end."""

    def read(self, size: int, /) -> bytes: ...


class Line(NamedTuple):
    """A line without its LF. One that is `cut` was longer than a record may be."""

    number: int
    content: bytes
    cut: bool


class Lines(Iterator[Line]):
    """The stream's lines, the first being number 1; lines can be pushed back."""

    def __init__(self, stream: Readable, first: bytes = b"") -> None:
        self._lines = _numbered(_bounded(_chunks(stream, first)))
        self._pushed: deque[Line] = deque()

    def __next__(self) -> Line:
        return self._pushed.popleft() if self._pushed else next(self._lines)

    def push_back(self, lines: Iterable[Line]) -> None:
        """Let these lines, in their order, come next."""
        self._pushed.extendleft(reversed(list(lines)))


def _chunks(stream: Readable, first: bytes) -> Iterator[bytes]:
    if first:
        yield first
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


def _bounded(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Lines and whether they were cut. The end of a line that is too long is skipped."""
    rest, skipping = b"", False
    for chunk in chunks:
        *complete, rest = (rest + chunk).split(b"\n")
        if skipping and complete:
            del complete[0]
            skipping = False
        yield from map(_within, complete)
        if skipping:
            rest = b""
        elif len(rest) > MAX_RECORD_BYTES:
            yield _within(rest)
            rest, skipping = b"", True
    if rest:
        yield rest, False


def _within(line: bytes) -> tuple[bytes, bool]:
    return (line[:MAX_RECORD_BYTES], True) if len(line) > MAX_RECORD_BYTES else (line, False)


def _numbered(lines: Iterable[tuple[bytes, bool]]) -> Iterator[Line]:
    for number, (content, cut) in enumerate(lines, start=1):
        yield Line(number, content, cut)
