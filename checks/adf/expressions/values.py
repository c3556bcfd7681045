"""Where expressions stand in a document, and what stands there."""

from collections.abc import Iterator
from typing import Any

from checks.adf.expressions.nodes import Node, Text
from checks.adf.expressions.parser import ExpressionError, Parser


def parse(text: str) -> Node | Text | str:
    """A JSON string as Data Factory reads it: `@concat(...)`, `a @{b} c`, or plain text.

    `@@` stands for an `@` that begins no expression. Raises ExpressionError.
    """
    if text.startswith("@") and not text.startswith(("@@", "@{")):
        parser = Parser(text, 1)
        node = parser.expression()
        parser.end()
        return node
    parts = tuple(_parts(text))
    if any(not isinstance(part, str) for part in parts):
        return Text(parts)
    return "".join(part for part in parts if isinstance(part, str))


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of every string in the document, in its order."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from strings(item, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            name = item.get("name", index) if isinstance(item, dict) else index
            yield from strings(item, f"{path}[{name}]")


def _parts(text: str) -> Iterator[str | Node]:
    position = 0
    while (found := text.find("@", position)) >= 0:
        following = text[found + 1 : found + 2]
        if following == "@":
            yield text[position : found + 1]
            position = found + 2
        elif following == "{":
            yield text[position:found]
            parser = Parser(text, found + 2)
            yield parser.expression()
            if not text[parser.position :].lstrip().startswith("}"):
                raise ExpressionError("'}' expected")
            position = text.index("}", parser.position) + 1
        else:
            yield text[position : found + 1]
            position = found + 1
    yield text[position:]
