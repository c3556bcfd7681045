"""The body of a list: serialised, compressed and digested once, when it is filled.

The JSON array is one gzip member with a full flush after every block of rows. So any block can be
inflated alone: a page needs the blocks that hold its rows, never the whole list.
"""

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from time import perf_counter
from typing import Final

import orjson
from isal import isal_zlib

from shared.repository.database import Row, RowChunks
from shared.tracks.track import View

_GZIP: Final = 31
_RAW: Final = -15
_LEVEL: Final = 1
_HEADER_BYTES: Final = 10
_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class PageIndex:
    """Where each row begins in the uncompressed body.

    `offsets` has one more entry than `ids`: the end of the last row. `block_starts` holds each
    block's first byte in the uncompressed body, `block_bytes` in the gzip body.
    """

    ids: array[int]
    offsets: array[int]
    block_starts: array[int]
    block_bytes: array[int]

    @property
    def size(self) -> int:
        """Bytes in memory."""
        count = len(self.ids) + len(self.offsets) + len(self.block_starts) + len(self.block_bytes)
        return count * self.ids.itemsize

    def after(self, row_id: int) -> int:
        """Return the position of the first row whose id is greater than `row_id`."""
        return bisect_right(self.ids, row_id)


@dataclass(frozen=True, slots=True)
class Digests:
    """What entity tags are made of: the first 32 hex digits of SHA-256.

    `uncompressed` and `gzip` are digests of the body in these codings. `pages` is a digest of the
    uncompressed body and the ids of its rows: equal lists with other ids, as after a restore, are
    cut into other pages.
    """

    uncompressed: str
    gzip: str
    pages: str


@dataclass(frozen=True, slots=True)
class ListBody:
    """One view of a list. `length` counts its uncompressed bytes."""

    digests: Digests
    length: int
    gzip: bytes
    index: PageIndex

    @property
    def rows(self) -> int:
        return len(self.index.ids)

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return len(self.gzip) + self.index.size

    def uncompressed(self) -> bytes:
        """Return the whole JSON array, for a caller who accepts no gzip."""
        data: bytes = isal_zlib.decompress(self.gzip, wbits=_GZIP, bufsize=self.length + 1)
        return data

    def page(self, first: int, count: int) -> bytes:
        """Return the rows `first` to `first + count` as a JSON array; inflate only their blocks."""
        last = min(first + count, self.rows)
        if first >= last:
            return b"[]"
        start, end = self.index.offsets[first], self.index.offsets[last]
        block = bisect_right(self.index.block_starts, start) - 1
        base = self.index.block_starts[block]
        # Not beyond the last block that is needed: zlib copies what it does not use.
        beyond = bisect_right(self.index.block_starts, end - 2)
        packed = memoryview(self.gzip)[
            self.index.block_bytes[block] : self.index.block_bytes[beyond]
        ]
        data = isal_zlib.decompressobj(wbits=_RAW).decompress(packed, end - base)
        return b"[" + data[start - base : end - base - 1] + b"]"


class BodyBuilder:
    """Builds a ListBody from rows in id order, chunk by chunk."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._between = b'},{"%s":' % columns[0].encode()
        self._packer = isal_zlib.compressobj(_LEVEL, wbits=_GZIP)
        self._digest = hashlib.sha256()
        self._packed: list[bytes] = [self._packer.compress(b"")]
        self._length = 0
        self._packed_length = len(self._packed[0])
        self._ids = array("q")
        self._offsets = array("q")
        self._block_starts = array("q")
        self._block_bytes = array("q")
        self.serialising = self.compressing = 0.0

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows; `serialising` and `compressing` are the seconds that all rows took so far."""
        began, compressing = perf_counter(), self.compressing
        columns = self._columns
        records = orjson.dumps([dict(zip(columns, row[1:], strict=True)) for row in rows])
        self._ids.extend([row[0] for row in rows])
        self._offsets.extend(self._starts(records))
        lead = b"," if self._block_starts else b"["
        self._write(lead + memoryview(records)[1:-1])
        self.serialising += perf_counter() - began - (self.compressing - compressing)

    def _starts(self, records: bytes) -> list[int]:
        """Return where each record of this JSON array will begin in the body."""
        # A quote inside a text is escaped, so these bytes occur only between two records.
        between = self._between
        lengths = [len(part) + len(between) for part in records.split(between)]
        before_brace = self._length - len(between) + len(b"},")
        starts = list(accumulate(lengths[:-1], initial=before_brace))
        starts[0] = self._length + len(b"[")
        return starts

    def _write(self, block: bytes) -> None:
        self._block_starts.append(self._length)
        self._block_bytes.append(max(self._packed_length, _HEADER_BYTES))
        self._digest.update(block)
        began = perf_counter()
        packed = self._packer.compress(block) + self._packer.flush(isal_zlib.Z_FULL_FLUSH)
        self._packed.append(packed)
        self.compressing += perf_counter() - began
        self._packed_length += len(packed)
        self._length += len(block)

    def finish(self) -> ListBody:
        self._offsets.append(self._length + 1)
        self._write(b"]" if self._ids else b"[]")
        self._packed.append(self._packer.flush())
        index = PageIndex(self._ids, self._offsets, self._block_starts, self._block_bytes)
        packed = b"".join(self._packed)
        return ListBody(self._digests(packed), self._length, packed, index)

    def _digests(self, packed: bytes) -> Digests:
        pages = self._digest.copy()
        pages.update(self._ids.tobytes())
        digests = (self._digest, hashlib.sha256(packed), pages)
        return Digests(*(digest.hexdigest()[:_DIGITS] for digest in digests))


def builder(
    view: View, spent: Callable[[str, float], None] = lambda _stage, _seconds: None
) -> Callable[[RowChunks], ListBody]:
    """Return a function that builds the view's body from a snapshot's rows, in a thread.

    `spent` is called with the seconds that the stages `serialise` and `compress` took.
    """

    def build(chunks: RowChunks) -> ListBody:
        body = BodyBuilder(view.columns)
        for rows in chunks:
            if rows:
                body.add(rows)
        built = body.finish()
        spent("serialise", body.serialising)
        spent("compress", body.compressing)
        return built

    return build


def checksum(*parts: bytes) -> int:
    """Return the CRC-32 of the parts, which detects a damaged stored list."""
    total = 0
    for part in parts:
        total = isal_zlib.crc32(part, total)
    return total
