"""Expressions in a snapshot: what only Azure knows is left as `[reference('id', ...).property]`."""

import re
from collections.abc import Callable
from typing import Final

_FORMAT: Final = re.compile(r"\[format\('([^']*)', (.*)\)\]")
_ARGUMENT: Final = re.compile(
    r"reference\('(?P<id>[^']*)'[^)]*\)\.(?P<property>[\w.]+)|'(?P<text>[^']*)'|(?P<number>\d+)"
)


def evaluated(value: str, known: Callable[[str, str], str]) -> str:
    """Return the text that the app gets; `known` returns a property, by its owner's id."""
    if not value.startswith("["):
        return value
    template, arguments = _parts(value)
    return template.format(*(_argument(found, known) for found in _ARGUMENT.finditer(arguments)))


def _parts(value: str) -> tuple[str, str]:
    match = _FORMAT.fullmatch(value)
    return (match[1], match[2]) if match else ("{0}", value[1:-1])


def _argument(found: re.Match[str], known: Callable[[str, str], str]) -> str:
    if found["id"]:
        return known(found["id"], found["property"])
    return found["text"] or found["number"] or ""


def shown(value: object) -> str:
    """Return a value with each reference as `{name.property}`, so that a check can compare it."""
    return evaluated(str(value), lambda owner, name: f"{{{owner.rpartition('/')[2]}.{name}}}")
