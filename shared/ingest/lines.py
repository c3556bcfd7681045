"""Splits a binary stream into numbered lines, within bounded memory."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol

MAX_RECORD_BYTES: Final = 65_536
"""Longer records are rejected; the longest of the data set has fewer than 500 bytes."""

_CHUNK_BYTES: Final = 1 << 18


class Readable(Protocol):
    """A file or a blob: `read` returns the next bytes, at most `size`, and none at the end."""

    def read(self, size: int, /) -> bytes: ...


def first_bytes(stream: Readable, size: int) -> bytes:
    """Return the next `size` bytes, fewer only at the end. A read of a pipe may give one byte."""
    start = bytearray()
    while len(start) < size and (chunk := stream.read(size - len(start))):
        start += chunk
    return bytes(start)


class Line(NamedTuple):
    """A line without its LF; `cut` if it was longer than MAX_RECORD_BYTES."""

    number: int
    content: bytes
    cut: bool


class Lines(Iterator[Line]):
    """The stream's lines, numbered from 1; lines can be pushed back."""

    def __init__(self, stream: Readable, first: bytes = b"") -> None:
        self._lines = _numbered(_bounded(_chunks(stream, first)))
        self._pushed: deque[Line] = deque()

    def __next__(self) -> Line:
        return self._pushed.popleft() if self._pushed else next(self._lines)

    def push_back(self, lines: Iterable[Line]) -> None:
        """Make these lines, in their order, the next ones."""
        self._pushed.extendleft(reversed(list(lines)))


def _chunks(stream: Readable, first: bytes) -> Iterator[bytes]:
    if first:
        yield first
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


def _bounded(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each line, and whether it was cut; the rest of a line that is too long is skipped.

    However small the chunks are, each byte is searched and copied once.
    """
    unfinished, skipping = bytearray(), False
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        if not skipping:
            unfinished += first
        if others:
            if not skipping:
                yield _within(bytes(unfinished))
            *complete, last = others
            yield from map(_within, complete)
            unfinished, skipping = bytearray(last), False
        if len(unfinished) > MAX_RECORD_BYTES:
            yield _within(bytes(unfinished))
            unfinished, skipping = bytearray(), True
    if unfinished:
        yield bytes(unfinished), False


def _within(line: bytes) -> tuple[bytes, bool]:
    return (line[:MAX_RECORD_BYTES], True) if len(line) > MAX_RECORD_BYTES else (line, False)


def _numbered(lines: Iterable[tuple[bytes, bool]]) -> Iterator[Line]:
    for number, (content, cut) in enumerate(lines, start=1):
        yield Line(number, content, cut)
