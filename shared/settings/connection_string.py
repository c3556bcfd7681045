"""Connection strings, `Name=value;Name=value`: those of ODBC, and those of Azure's services.

No message of an error has a part of the string, which may be a piece of a password.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

_ODBC_PAIR: Final = re.compile(
    r"[;\s]*(?P<name>[A-Za-z][A-Za-z0-9 _-]*)=\s*"
    r"(?:\{(?P<braced>(?:[^}]|\}\})*)\}|(?P<plain>[^{};][^;]*|))\s*(?:;|$)"
)
"""MS-ODBCSTR: a value with `;` or a brace is put in braces, and each `}` in it is doubled."""


def parse_odbc_string(text: str) -> Mapping[str, str]:
    """Return the values by their names in lower case. Raises ValueError."""
    return _once(_odbc_pairs(text.strip()))


def parse_azure_string(text: str) -> Mapping[str, str]:
    """Return the values by their names in lower case; nothing is quoted. Raises ValueError."""
    return _once(_azure_pairs(text))


def _odbc_pairs(text: str) -> Iterator[tuple[str, str]]:
    rest = text.rstrip("; \t")
    while rest:
        pair = _ODBC_PAIR.match(rest)
        if pair is None:
            raise ValueError("is no ODBC connection string: `Name=value;Name=value`")
        value = (pair["braced"] or "").replace("}}", "}") or (pair["plain"] or "").strip()
        yield pair["name"], value
        rest = rest[pair.end() :]


def _azure_pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, separator, value = part.partition("=")
        if not separator:
            raise ValueError("is no connection string: `Name=value;Name=value`")
        yield name, value.strip()


def _once(pairs: Iterator[tuple[str, str]]) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for name, value in pairs:
        key = name.strip().lower()
        if key in values or not key:
            raise ValueError("has a name twice, or a value without a name")
        values[key] = value
    return values
