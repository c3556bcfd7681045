"""Percent-encoding as ASP.NET Core reads and writes it."""

import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes

_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPES_BUT_SLASH: Final = re.compile(r"(?:%(?!2[Ff])[0-9A-Fa-f]{2})+")
_NOT_AN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")

PATH_CHARACTERS: Final = "/!$&'()*+,;=:@%"
"""What PathString.ToUriComponent leaves as it is, beside letters, digits and `-._~`."""


def decoded_query(text: str) -> str:
    """Decode a name or a value of a query. What is not UTF-8 stays as it came."""
    return _ESCAPES.sub(_text_of, text.replace("+", " "))


def decoded_path(text: str) -> str:
    """Decode a path, but for `%2F`. What is not UTF-8 stays as it came (Kestrel, UrlDecoder)."""
    return _ESCAPES_BUT_SLASH.sub(_text_of, text)


def encoded_path(path: str) -> str:
    """Encode a decoded path for a URL (ASP.NET Core, PathString.ToUriComponent)."""
    return quote(_NOT_AN_ESCAPE.sub("%25", path), safe=PATH_CHARACTERS)


def _text_of(escapes: re.Match[str]) -> str:
    """Decode adjacent escapes; leave those that are no part of a character in UTF-8."""
    raw, texts, start = unquote_to_bytes(escapes[0]), [], 0
    while start < len(raw):
        try:
            texts.append(raw[start:].decode())
            break
        except UnicodeDecodeError as error:
            texts.append(raw[start : start + error.start].decode())
            texts.append(escapes[0][3 * (start + error.start) : 3 * (start + error.end)])
            start += error.end
    return "".join(texts)
