"""Enumerations, whose values Azure compares without regard to case."""

import enum
from collections.abc import Iterator, Sequence
from typing import Any

from checks.finding import Fault


def among(hints: Sequence[Any]) -> list[type[enum.Enum]]:
    """Return the enumerations among the members of a union."""
    return [hint for hint in hints if isinstance(hint, type) and issubclass(hint, enum.Enum)]


def check(enums: Sequence[type[enum.Enum]], value: str, path: str) -> Iterator[Fault]:
    known = [str(member.value) for kind in enums for member in kind]
    if value.lower() not in {name.lower() for name in known}:
        yield Fault(path, f"{value!r} is not one of {', '.join(known)}")
