"""The format of a stored list: how a body is written into fields of a Redis hash.

The field names carry the format's revision and FEATURES_LIMIT. So two releases, or two limits, can
share one key without reading each other's bytes.
"""

import sys
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

import orjson

from shared.cache.bodies import Digests, ListBody, PageIndex, checksum
from shared.cache.store import Unreadable
from shared.tracks.track import View

REVISION: Final = 3

_SEAL_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Head:
    """The small field of a stored list, which is read before its body; sizes in bytes.

    The digests are those of the stored bytes, whichever release and compressor made them.
    """

    uncompressed: str
    gzip: str
    pages: str
    records: int
    length: int
    packed: int
    checksum: int

    @property
    def digests(self) -> Digests:
        return Digests(self.uncompressed, self.gzip, self.pages)


@dataclass(frozen=True, slots=True)
class ListFormat:
    """Names, writes and reads the fields for one FEATURES_LIMIT."""

    limit: int

    def head_field(self, view: View) -> str:
        return f"r{REVISION}:{self.limit}:{view}:head"

    def body_fields(self, view: View) -> tuple[str, str]:
        prefix = f"r{REVISION}:{self.limit}:{view}"
        return f"{prefix}:index", f"{prefix}:gzip"

    def encode(self, view: View, body: ListBody) -> dict[str, bytes]:
        index = _encode_index(body.index)
        head = {
            **asdict(body.digests),
            "records": body.rows,
            "length": body.length,
            "packed": len(body.gzip),
            "checksum": checksum(index, body.gzip),
        }
        index_field, gzip_field = self.body_fields(view)
        return {
            self.head_field(view): _sealed(orjson.dumps(head)),
            index_field: index,
            gzip_field: body.gzip,
        }

    def decode_head(self, view: View, fields: Mapping[str, bytes]) -> Head | None:
        """Return the stored head, or None if this view is not stored. Raises Unreadable."""
        data = fields.get(self.head_field(view))
        if data is None:
            return None
        try:
            return Head(**orjson.loads(_opened(data)))
        except (ValueError, TypeError) as error:
            raise Unreadable("head") from error

    def decode(self, view: View, fields: Mapping[str, bytes]) -> ListBody | None:
        """Return the stored body, or None if this view is not stored. Raises Unreadable."""
        head = self.decode_head(view, fields)
        if head is None:
            return None
        index_field, gzip_field = self.body_fields(view)
        index, packed = fields.get(index_field), fields.get(gzip_field)
        if index is None or packed is None or checksum(index, packed) != head.checksum:
            raise Unreadable("body")
        return ListBody(head.digests, head.length, packed, _decode_index(index))


def _sealed(data: bytes) -> bytes:
    """Add a checksum: a head is used without its body, for a 304 and for the transfer's timeout."""
    return b"%08x" % checksum(data) + data


def _opened(data: bytes) -> bytes:
    seal, content = data[:_SEAL_BYTES], data[_SEAL_BYTES:]
    if seal != b"%08x" % checksum(content):
        raise Unreadable("head")
    return content


def _encode_index(index: PageIndex) -> bytes:
    arrays = (index.ids, index.offsets, index.block_starts, index.block_bytes)
    counts = array("q", [len(numbers) for numbers in arrays])
    return zlib.compress(b"".join(map(_little_endian, (counts, *arrays))), 1)


def _decode_index(data: bytes) -> PageIndex:
    try:
        numbers = array("q", zlib.decompress(data))
    except (zlib.error, ValueError) as error:
        raise Unreadable("index") from error
    if sys.byteorder == "big":
        numbers.byteswap()
    counts, parts, start = numbers[:4], [], 4
    for count in counts:
        parts.append(numbers[start : start + count])
        start += count
    if len(counts) != len(parts) or len(numbers) != start:
        raise Unreadable("index")
    return PageIndex(*parts)


def _little_endian(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
