"""What the headers of a request ask for: a content coding, and whether a copy is still current.

The media type is not negotiated: every answer has one, and RFC 9110, section 12.5.1, lets a server
disregard an Accept that excludes it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from shared.errors import NotAcceptable

GZIP: Final = "gzip"
IDENTITY: Final = "identity"

_ALIASES: Final = {"x-gzip": GZIP}
"""RFC 9110, section 8.4.1.3."""

_QVALUE: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_UNNAMED_IDENTITY: Final = 0.001
"""The weight of identity where it is not named: acceptable, but less than any named coding."""

# Possessive, so that a long header of blanks costs one pass.
_ENTITY_TAG: Final = re.compile(r'[ \t]*+((?:W/)?"[\x21\x23-\x7e\x80-\xff]*+")?[ \t]*+(?:,|$)')


@lru_cache(maxsize=64)
def content_coding(accept_encoding: str | None) -> str:
    """The coding to answer with (RFC 9110, section 12.5.3): gzip unless identity is preferred.

    Raises NotAcceptable when the header excludes both. Clients send few different headers, so each
    is parsed once.
    """
    if accept_encoding is None:
        return IDENTITY
    weights = _weights(accept_encoding)
    rest = weights.get("*")
    gzip = weights.get(GZIP, rest or 0.0)
    identity = weights.get(IDENTITY, _UNNAMED_IDENTITY if rest is None else rest)
    if gzip and gzip >= identity:
        return GZIP
    if identity:
        return IDENTITY
    raise NotAcceptable("The answer is available with the codings 'gzip' and 'identity' only.")


def _weights(header: str) -> dict[str, float]:
    """The greatest weight of each coding; items with an invalid weight are ignored."""
    weights: dict[str, float] = {}
    for item in header.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = _weight(parameters)
        if name and weight is not None:
            coding = _ALIASES.get(name, name)
            weights[coding] = max(weight, weights.get(coding, 0.0))
    return weights


def _weight(parameters: list[str]) -> float | None:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if _QVALUE.fullmatch(value := value.strip()) else None
    return 1.0


def entity_tag(digest: str, coding: str) -> str:
    """A strong validator (RFC 9110, section 8.8.3): each coding of the same content has its own."""
    return f'"{digest}"' if coding == IDENTITY else f'"{digest}-{coding}"'


@dataclass(frozen=True, slots=True)
class Conditions:
    """The preconditions of a read: its headers, or None for one that was not sent."""

    if_match: str | None
    if_none_match: str | None

    def status(self, tag: str) -> HTTPStatus:
        """What to answer for the content with this tag (RFC 9110, section 13.2.2).

        412: If-Match names other tags only (strong comparison). 304: If-None-Match names this one
        (weak comparison). 200: everything else, also where a header is no list of tags.
        """
        if self.if_match is not None and not _lists(self.if_match, tag):
            return HTTPStatus.PRECONDITION_FAILED
        if self.if_none_match is not None and _lists(self.if_none_match, tag, f"W/{tag}"):
            return HTTPStatus.NOT_MODIFIED
        return HTTPStatus.OK


def _lists(header: str, *tags: str) -> bool:
    return header.strip() == "*" or not set(tags).isdisjoint(_tags(header))


def _tags(header: str) -> list[str]:
    """The entity tags in a header; none if it is not a list of entity tags."""
    tags, place = [], 0
    while place < len(header):
        item = _ENTITY_TAG.match(header, place)
        if item is None:
            return []
        if item[1]:
            tags.append(item[1])
        place = item.end()
    return tags
