"""The nodes of a parsed expression."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`; case does not matter in names."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Access:
    """`target.key` or `target[key]`; `optional` (`?.`, `?[`): null if there is no such key."""

    target: "Node"
    key: "Node"
    optional: bool


type Node = Literal | Call | Access


@dataclass(frozen=True, slots=True)
class Text:
    """`a @{b} c`: literal text and expressions in turn."""

    parts: tuple[str | Node, ...]


def within(node: Node) -> Iterator[Node]:
    """Yield the node and all nodes below it."""
    yield node
    below = node.arguments if isinstance(node, Call) else ()
    if isinstance(node, Access):
        below = (node.target, node.key)
    for child in below:
        yield from within(child)


def property_path(node: Node) -> tuple[Node, tuple[str, ...]]:
    """Split `pipeline().parameters.file` into `pipeline()` and (parameters, file)."""
    names: list[str] = []
    while isinstance(node, Access) and isinstance(node.key, Literal):
        names.insert(0, str(node.key.value))
        node = node.target
    return node, tuple(names)
