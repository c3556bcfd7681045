"""Which copy a caller has (RFC 9110, sections 8.8.3 and 13.1)."""

import re
from dataclasses import dataclass
from typing import Final

from shared.http.negotiation import IDENTITY

# Possessive, so that a long header of blanks costs one pass.
_ITEM: Final = re.compile(r'[ \t]*+((?:W/)?"[\x21\x23-\x7e\x80-\xff]*+")?[ \t]*+(?:,|$)')
_ANY: Final = "*"
_WEAK: Final = "W/"


def entity_tag(digest: str, coding: str) -> str:
    """A strong validator: different bytes, the coding's included, have different tags."""
    return f'"{digest}"' if coding == IDENTITY else f'"{digest}-{coding}"'


@dataclass(frozen=True, slots=True)
class Conditions:
    """A read's preconditions, as they came; None for a header that did not."""

    if_match: str | None
    if_none_match: str | None

    def fails(self, tag: str) -> bool:
        """Whether If-Match asks for another copy: strong comparison, 412."""
        if self.if_match is None or self.if_match.strip() == _ANY:
            return False
        return tag not in _tags(self.if_match)

    def knows(self, tag: str) -> bool:
        """Whether the caller has this copy: weak comparison, 304. What is no list says nothing."""
        if self.if_none_match is None:
            return False
        if self.if_none_match.strip() == _ANY:
            return True
        return tag in [known.removeprefix(_WEAK) for known in _tags(self.if_none_match)]


def _tags(header: str) -> list[str]:
    """The list's entity tags; none of a header that is no such list."""
    tags, place = [], 0
    while place < len(header):
        item = _ITEM.match(header, place)
        if item is None:
            return []
        if item[1]:
            tags.append(item[1])
        place = item.end()
    return tags
