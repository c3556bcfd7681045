"""Pages: slices of a cached list. A cursor names the last row seen, so it outlives new records."""

import binascii
import re
import struct
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from shared.catalog.bodies import ListBody
from shared.errors import Malformed
from shared.http.query import Query

MAX_LIMIT: Final = 10_000
_LIMIT: Final = re.compile(r"[0-9]{1,5}")
_CURSOR: Final = struct.Struct(">qI")


@dataclass(frozen=True, slots=True)
class Page:
    """What a caller asked for: at most `limit` rows after the one that the cursor names."""

    limit: int
    cursor: str | None

    def first_row(self, body: ListBody, scope: str) -> int:
        """The position of the page's first row. Raises Malformed for a cursor not of this list."""
        return 0 if self.cursor is None else body.index.after(decode_cursor(self.cursor, scope))


def page_of(query: Query) -> Page | None:
    """The page asked for; None for the whole list. Raises Malformed."""
    limit, cursor = query.one("limit"), query.one("cursor")
    if limit is None:
        if cursor is not None:
            raise Malformed("The parameter 'cursor' needs 'limit'.")
        return None
    if not _LIMIT.fullmatch(limit) or not 1 <= int(limit) <= MAX_LIMIT:
        raise Malformed(f"The parameter 'limit' must be a number from 1 to {MAX_LIMIT}.")
    return Page(int(limit), cursor)


def encode_cursor(row_id: int, scope: str) -> str:
    """An opaque text for the row; it belongs to this list alone."""
    return urlsafe_b64encode(_CURSOR.pack(row_id, _check(row_id, scope))).decode()


def decode_cursor(text: str, scope: str) -> int:
    """The row's id. Raises Malformed for a damaged cursor, or one of another list."""
    try:
        row_id, check = _CURSOR.unpack(urlsafe_b64decode(text.encode("ascii")))
    except (binascii.Error, struct.error, ValueError):
        raise Malformed("The cursor is damaged; start again without one.") from None
    if check != _check(row_id, scope):
        raise Malformed("The cursor is damaged, or belongs to another list.")
    return int(row_id)


def links(path: str, arguments: dict[str, str], page: Page, next_cursor: str | None) -> str:
    """The Link header (RFC 8288): the first page, and the next one while there is one."""
    first = {**arguments, "limit": str(page.limit)}
    parts = [f'<{path}?{urlencode(first)}>; rel="first"']
    if next_cursor is not None:
        following = {**first, "cursor": next_cursor}
        parts.insert(0, f'<{path}?{urlencode(following)}>; rel="next"')
    return ", ".join(parts)


def _check(row_id: int, scope: str) -> int:
    return zlib.crc32(f"{row_id}:{scope}".encode())
