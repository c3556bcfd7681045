"""Pages: slices of a cached list.

A cursor names the last row of the page before it, so it stays valid while records are added.
"""

import binascii
import hashlib
import re
import struct
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import isal
from isal import isal_zlib

from shared.errors import Malformed
from shared.http.negotiation import GZIP

MAX_LIMIT: Final = 10_000
_LIMIT: Final = re.compile(r"[0-9]{1,5}")
_CURSOR: Final = struct.Struct(">qI")
_LEVEL: Final = 1
_GZIP_WINDOW: Final = 31
_FIRST: Final = 0
"""Ids begin at 1."""


@dataclass(frozen=True, slots=True)
class Page:
    """At most `limit` rows after the one with the id `after`.

    `checksum` is the cursor's, of the row and the list that it belongs to; None without a cursor.
    """

    limit: int
    after: int = _FIRST
    checksum: int | None = None

    def check(self, scope: str) -> None:
        """Raise Malformed when the cursor is not one of this list."""
        if self.checksum not in (None, _checksum(self.after, scope)):
            raise Malformed("The parameter 'cursor' is damaged, or belongs to another list.")

    def name(self, digest: str, coding: str) -> str:
        """The name of this page's bytes, for the entity tag; `digest` is the list's `pages`."""
        name = f"{digest}-{self.after}-{self.limit}"
        return f"{name}-{_packer(isal_zlib.compress, _LEVEL)}" if coding == GZIP else name


def pack(data: bytes) -> bytes:
    packed: bytes = isal_zlib.compress(data, _LEVEL, wbits=_GZIP_WINDOW)
    return packed


@cache
def _packer(compress: Callable[..., bytes], level: int) -> str:
    """A name for what a compressor makes of bytes: another one makes other bytes of the same page.

    The sample tells apart what one version of the library does on different processors.
    """
    sample = b"".join(b'{"genre":"Pop","track_id":"%022d"},' % n**7 for n in range(1, 500))
    made = hashlib.sha256(compress(sample, level, wbits=_GZIP_WINDOW))
    made.update(f"{isal.__version__} {isal.ISAL_VERSION} {level}".encode())
    return made.hexdigest()[:8]


def page_of(limit: str | None, cursor: str | None) -> Page:
    """The page that these parameters name. Raises Malformed."""
    if limit is None:
        raise Malformed("The parameter 'cursor' needs 'limit'.")
    if not _LIMIT.fullmatch(limit) or not 1 <= int(limit) <= MAX_LIMIT:
        raise Malformed(f"The parameter 'limit' must be a number from 1 to {MAX_LIMIT}.")
    if cursor is None:
        return Page(int(limit))
    return Page(int(limit), *_decode(cursor))


def encode_cursor(row_id: int, scope: str) -> str:
    """The cursor of the page after this row of this list."""
    return urlsafe_b64encode(_CURSOR.pack(row_id, _checksum(row_id, scope))).decode()


def _decode(text: str) -> tuple[int, int]:
    """The row's id and the checksum."""
    try:
        packed = text.encode("ascii").translate(bytes.maketrans(b"-_", b"+/"))
        row_id, checksum = _CURSOR.unpack(binascii.a2b_base64(packed, strict_mode=True))
    except (binascii.Error, struct.error, UnicodeEncodeError):
        raise Malformed("The parameter 'cursor' is damaged; start again without it.") from None
    return row_id, checksum


def links(target: str, limit: int, next_cursor: str | None) -> str:
    """The Link header (RFC 8288): the first page, and the next one while there is one.

    `target` is the list's URL up to the parameters of a page.
    """
    first = f"{target}limit={limit}"
    parts = [f'<{first}>; rel="first"']
    if next_cursor is not None:
        parts.insert(0, f'<{first}&cursor={next_cursor}>; rel="next"')
    return ", ".join(parts)


def _checksum(row_id: int, scope: str) -> int:
    return zlib.crc32(f"{row_id}:{scope}".encode())
