"""Media types (RFC 9110, section 8.3.1), parsed in one pass over a bounded length."""

import re
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 256
"""Characters of a Content-Type that are parsed; `application/json; charset=utf-8` has 31."""

_WORD: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_QUOTED: Final = r'"((?:[^\x00-\x08\x0a-\x1f\x7f"\\]|\\[^\x00-\x08\x0a-\x1f\x7f])*+)"'
_NAME: Final = re.compile(rf"{_WORD}/{_WORD}")
# Possessive, so that nothing is matched twice. A `;` may stand alone (RFC 9110, section 5.6.6).
_PARAMETER: Final = re.compile(rf"[ \t]*+;[ \t]*+(?:({_WORD})=(?:({_WORD})|{_QUOTED}))?+")
_QUOTED_PAIR: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` and the names of the parameters are in lower case; values are unquoted."""

    name: str
    parameters: tuple[tuple[str, str], ...]


def media_type(header: str) -> MediaType | None:
    """The media type of a Content-Type; None if it is not one, or is longer than MAX_LENGTH."""
    text = header.strip(" \t") if len(header) <= MAX_LENGTH else ""
    name = _NAME.match(text)
    if name is None:
        return None
    parameters, place = [], name.end()
    while place < len(text):
        parameter = _PARAMETER.match(text, place)
        if parameter is None:
            return None
        if parameter[1]:
            parameters.append((parameter[1].lower(), _value(parameter)))
        place = parameter.end()
    return MediaType(name[0].lower(), tuple(parameters))


def _value(parameter: re.Match[str]) -> str:
    quoted: str | None = parameter[3]
    return parameter[2] if quoted is None else _QUOTED_PAIR.sub(r"\1", quoted)
