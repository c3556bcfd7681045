"""The body of a list: serialised, compressed and digested once, when it is filled.

The JSON array is one gzip member with a full flush after every block of rows. So any block can be
inflated alone: a page needs the blocks that hold its rows, never the whole list.
"""

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, batched, starmap
from time import perf_counter
from typing import Any, Final

import orjson
from isal import isal_zlib

from shared.repository.database import Row, RowChunks
from shared.runtime import pipelined
from shared.tracks.track import View

_GZIP: Final = 31
_RAW: Final = -15
LEVEL: Final = 1
_HEADER_BYTES: Final = 10
_DIGITS: Final = 32

BATCH_BLOCKS: Final = 4
"""Blocks, of about 80 kB, that are given at once to the thread that compresses: each time costs as
much as compressing a fourth of a block."""

BATCHES_AHEAD: Final = 2
"""Batches that may wait for that thread."""

type _Records = tuple[Iterable[int], Sequence[int], bytes | memoryview]
"""Ids, the bytes from each record to the next, and the records with commas between them."""


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


class _Serialiser:
    """Turns rows in id order into blocks of the JSON array, and notes where each row begins."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._record = _record_maker(columns)
        self._between = b'},{"%s":' % columns[0].encode()
        self._length = 0
        self.ids = array("q")
        self.offsets = array("q")
        self.reading = self.seconds = 0.0

    def blocks(self, chunks: RowChunks) -> Iterator[bytes]:
        """Yield a block for each chunk; `reading` and `seconds` are what both took so far."""
        began = perf_counter()
        for rows in chunks:
            read = perf_counter()
            self.reading += read - began
            if rows:
                block = self._block(rows)
                self.seconds += perf_counter() - read
                yield block
            began = perf_counter()
        self.offsets.append(self._length + 1)
        yield b"]" if self.ids else b"[]"

    def _block(self, rows: Sequence[Row]) -> bytes:
        ids, steps, records = (_joined if isinstance(rows[0][1], bytes) else self._dumped)(rows)
        block = (b"," if self.ids else b"[") + records
        self.offsets.extend(accumulate(steps[:-1], initial=self._length + 1))
        self.ids.extend(ids)
        self._length += len(block)
        return block

    def _dumped(self, rows: Sequence[Row]) -> _Records:
        records = orjson.dumps([*starmap(self._record, rows)])
        # A quote inside a text is escaped, so these bytes occur only between two records.
        between = self._between
        steps = [len(part) + len(between) for part in records.split(between)]
        steps[0] -= len(between) - 1  # the first part has its brace and key, and a bracket
        return [row[0] for row in rows], steps, memoryview(records)[1:-1]


def _record_maker(columns: Sequence[str]) -> Callable[..., dict[str, Any]]:
    """Return a function of (id, values) that returns the record.

    It is compiled, because a dictionary display takes a third of the time of dict(zip()).
    """
    values = [f"value_{number}" for number in range(len(columns))]
    items = ", ".join(f"{name!r}: {value}" for name, value in zip(columns, values, strict=True))
    maker: Callable[..., dict[str, Any]] = eval(  # noqa: S307 -- names of the columns, no input
        f"lambda _id, {', '.join(values)}: {{{items}}}"
    )
    return maker


def _joined(rows: Sequence[Row]) -> _Records:
    ids, records = zip(*rows, strict=True)
    return ids, [len(record) + 1 for record in records], b",".join(records)


class _Packer:
    """Digests and compresses blocks; while it does, other threads may compute."""

    def __init__(self) -> None:
        self._compressor = isal_zlib.compressobj(LEVEL, wbits=_GZIP)
        self._digest = hashlib.sha256()
        self._gzip: list[bytes] = []
        self._gzip_length = 0
        self._length = 0
        self._starts = array("q")
        self._gzip_starts = array("q")
        self.seconds = 0.0

    def pack(self, blocks: Iterable[bytes]) -> None:
        """Add blocks; `seconds` is what all of them took so far."""
        began = perf_counter()
        for block in blocks:
            self._pack(block)
        self.seconds += perf_counter() - began

    def _pack(self, block: bytes) -> None:
        self._starts.append(self._length)
        self._gzip_starts.append(max(self._gzip_length, _HEADER_BYTES))
        self._length += len(block)
        self._digest.update(block)
        self._keep(self._compressor.compress(block))
        self._keep(self._compressor.flush(isal_zlib.Z_FULL_FLUSH))

    def _keep(self, packed: bytes) -> None:
        self._gzip.append(packed)
        self._gzip_length += len(packed)

    def finish(self, ids: "array[int]", offsets: "array[int]") -> ListBody:
        began = perf_counter()
        self._keep(self._compressor.flush())
        packed = b"".join(self._gzip)
        pages = self._digest.copy()
        pages.update(ids)
        digests = (self._digest, hashlib.sha256(packed), pages)
        index = PageIndex(ids, offsets, self._starts, self._gzip_starts)
        self.seconds += perf_counter() - began
        return ListBody(
            Digests(*(digest.hexdigest()[:_DIGITS] for digest in digests)),
            self._length,
            packed,
            index,
        )


def builder(
    view: View, spent: Callable[[str, float], None] = lambda _stage, _seconds: None
) -> Callable[[RowChunks], ListBody]:
    """Return a function that builds the view's body from a snapshot's rows, in a thread.

    A second thread packs a block while the next ones are read. `spent` is called with the seconds
    that the stages `query`, `serialise` and `compress` took.
    """

    def build(chunks: RowChunks) -> ListBody:
        serialiser, packer = _Serialiser(view.columns), _Packer()
        batches = batched(serialiser.blocks(chunks), BATCH_BLOCKS, strict=False)
        pipelined(batches, packer.pack, BATCHES_AHEAD)
        body = packer.finish(serialiser.ids, serialiser.offsets)
        spent("query", serialiser.reading)
        spent("serialise", serialiser.seconds)
        spent("compress", packer.seconds)
        return body

    return build


def checksum(*parts: bytes) -> int:
    """Return the CRC-32 of the parts, which detects a damaged stored list."""
    total = 0
    for part in parts:
        total = isal_zlib.crc32(part, total)
    return total
