"""Which coding a caller accepts, and which copy it has (RFC 9110, sections 12.5.3 and 13.1.2)."""

import re
from typing import Final

from shared.errors import NotAcceptable

GZIP: Final = "gzip"
IDENTITY: Final = "identity"

_WEIGHT: Final = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_ENTITY_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def content_coding(accept_encoding: str | None) -> str:
    """The coding to answer with, gzip where the caller likes it as well as identity.

    Raises NotAcceptable when the caller excludes both.
    """
    if accept_encoding is None:
        return IDENTITY
    weights = _weights(accept_encoding)
    rest = weights.get("*")
    gzip = weights.get(GZIP, weights.get("x-gzip", rest or 0.0))
    # Identity is acceptable unless it is excluded by name, or by `*` and not named.
    identity = weights.get(IDENTITY, 0.001 if rest is None else rest)
    if gzip and gzip >= identity:
        return GZIP
    if identity:
        return IDENTITY
    raise NotAcceptable("This list is served with the codings 'gzip' and 'identity'.")


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in header.split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        if coding:
            weights[coding.lower()] = _weight(parameters)
    return weights


def _weight(parameters: list[str]) -> float:
    """The q-value; one that is no q-value makes the coding unwanted, not the request bad."""
    for parameter in parameters:
        if parameter.lower().startswith("q"):
            match = _WEIGHT.fullmatch(parameter.replace(" ", ""))
            return float(match[1]) if match else 0.0
    return 1.0


def entity_tag(digest: str, coding: str) -> str:
    """A strong validator: different bytes, the coding's included, have different tags."""
    return f'"{digest}"' if coding == IDENTITY else f'"{digest}-{coding}"'


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has this copy: weak comparison, over a list or `*`."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return tag in _ENTITY_TAG.findall(if_none_match)
