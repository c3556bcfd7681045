"""Walks through a JSON document."""

from collections.abc import Iterator
from typing import Any


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of the value and of all values in it, in the document's order.

    An item of a list is named by its `name`, if it has one, else by its index.
    """
    yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from walk(item, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            name = item.get("name", index) if isinstance(item, dict) else index
            yield from walk(item, f"{path}[{name}]")


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every string."""
    yield from ((place, item) for place, item in walk(value, path) if isinstance(item, str))
