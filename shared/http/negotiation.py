"""Which coding a caller accepts (RFC 9110, section 12.5.3).

The media type is not negotiated: every answer has one, and section 12.5.1 lets a server disregard
an Accept that excludes it.
"""

import re
from typing import Final

from shared.errors import NotAcceptable

GZIP: Final = "gzip"
IDENTITY: Final = "identity"

_ALIASES: Final = {"x-gzip": GZIP}
"""Section 8.4.1.3."""

_QVALUE: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_UNNAMED_IDENTITY: Final = 0.001
"""Identity is acceptable when it is not named, and wanted less than whatever is."""


def content_coding(accept_encoding: str | None) -> str:
    """The coding to answer with, gzip where the caller likes it as well as identity.

    Raises NotAcceptable when the caller excludes both.
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
    raise NotAcceptable("This list is served with the codings 'gzip' and 'identity'.")


def _weights(header: str) -> dict[str, float]:
    """The greatest weight of each coding; an item with a weight that is none says nothing."""
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
