"""Parses the strings of a document and the expressions in them."""

import re
from collections.abc import Iterator
from typing import Final

from checks.adf.expressions.nodes import Access, Call, Literal, Node, Text

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>\?\.|\?\[|[()\[\],.]))"
)
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """The text is not an expression."""


def parse(text: str) -> Node | Text | str:
    """Parse a JSON string as Data Factory does: `@concat(...)`, `a @{b} c`, or plain text.

    `@@` is an `@` that begins no expression. Raises ExpressionError.
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


class Parser:
    """Parses one expression; `position` is the next character of the text to read."""

    def __init__(self, text: str, position: int = 0) -> None:
        self._text = text
        self.position = position

    def expression(self) -> Node:
        node = self._primary()
        while (mark := self._mark()) in {".", "?.", "[", "?["}:
            self._take(mark)
            optional = mark.startswith("?")
            if mark.endswith("."):
                node = Access(node, Literal(self._name()), optional)
            else:
                node = Access(node, self.expression(), optional)
                self._take("]")
        return node

    def end(self) -> None:
        """Raise ExpressionError if anything but blanks follows."""
        if self._text[self.position :].strip():
            raise self._error("the end")

    def _primary(self) -> Node:
        token = self._next("a value")
        if text := token["text"]:
            return Literal(text[1:-1].replace("''", "'"))
        if number := token["number"]:
            return Literal(float(number) if "." in number else int(number))
        name = token["name"]
        if name is None:
            self.position = token.start()
            raise self._error("a value")
        if self._mark() == "(":
            return Call(name, self._arguments())
        if name.lower() in _CONSTANTS:
            return Literal(_CONSTANTS[name.lower()])
        raise self._error("'(': a name alone is no value")

    def _arguments(self) -> tuple[Node, ...]:
        self._take("(")
        arguments: list[Node] = []
        while self._mark() != ")":
            if arguments:
                self._take(",")
            arguments.append(self.expression())
        self._take(")")
        return tuple(arguments)

    def _name(self) -> str:
        token = self._next("a name")
        if token["name"] is None:
            raise self._error("a name")
        return token["name"]

    def _mark(self) -> str:
        """Return the punctuation that comes next, or an empty text."""
        token = _TOKEN.match(self._text, self.position)
        return token["mark"] or "" if token else ""

    def _take(self, mark: str) -> None:
        if self._mark() != mark:
            raise self._error(repr(mark))
        self._next(mark)

    def _next(self, expected: str) -> re.Match[str]:
        token = _TOKEN.match(self._text, self.position)
        if token is None:
            raise self._error(expected)
        self.position = token.end()
        return token

    def _error(self, expected: str) -> ExpressionError:
        rest = self._text[self.position :].strip()
        return ExpressionError(f"{expected} expected, not {rest[:20]!r}")


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
