"""Splits a binary stream into numbered lines, within bounded memory."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final, Protocol

MAX_RECORD_BYTES: Final = 65_536
"""Longer records are rejected; the longest of the data set has fewer than 500 bytes."""

_CHUNK_BYTES: Final = 1 << 18

type Line = tuple[int, bytes]
"""A line's number, from 1, and its content without the LF.

What is longer than MAX_RECORD_BYTES may be only the start of the line.
"""


class Readable(Protocol):
    """A file or a blob: `read` returns the next bytes, at most `size`, and none at the end."""

    def read(self, size: int, /) -> bytes: ...


def first_bytes(stream: Readable, size: int) -> bytes:
    """Return the next `size` bytes, fewer only at the end. A read of a pipe may give one byte."""
    start = bytearray()
    while len(start) < size and (chunk := stream.read(size - len(start))):
        start += chunk
    return bytes(start)


class Lines(Iterator[Line]):
    """The stream's lines; lines can be pushed back."""

    def __init__(self, stream: Readable, first: bytes = b"") -> None:
        self._lines = zip(count(1), _bounded(_chunks(stream, first)), strict=False)
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


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield each line; the rest of one that is longer than MAX_RECORD_BYTES is skipped.

    However small the chunks are, each byte is searched and copied once.
    """
    unfinished, skipping = bytearray(), False
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        if not skipping:
            unfinished += first
        if others:
            if not skipping:
                yield bytes(unfinished)
            *complete, last = others
            yield from complete
            unfinished, skipping = bytearray(last), False
        if len(unfinished) > MAX_RECORD_BYTES:
            yield bytes(unfinished)
            unfinished, skipping = bytearray(), True
    if unfinished:
        yield bytes(unfinished)
