"""Evaluates the expressions in a JSON document."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from checks.adf.expressions.nodes import Access, Literal, Node, Text
from checks.adf.expressions.parser import parse
from tests.adf.rehearsal.functions import FUNCTIONS
from tests.adf.rehearsal.outcome import ActivityFailed

type Scope = Mapping[str, Callable[..., Any]]
"""Functions that exist in some places only: `pipeline`, `activity`, `dataset`, `triggerBody`."""

_WRAPPED: Final = {"value", "type"}


def resolved(value: Any, scope: Scope) -> Any:
    """Return the value with every expression evaluated. Raises ActivityFailed."""
    if isinstance(value, str):
        return _text(value, scope)
    if _is_wrapped(value):
        return _text(value["value"], scope)
    if isinstance(value, dict):
        return {name: resolved(item, scope) for name, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, scope) for item in value]
    return value


def _is_wrapped(value: Any) -> bool:
    """`{"value": "@...", "type": "Expression"}`, as the editor writes expressions."""
    return isinstance(value, dict) and set(value) == _WRAPPED and value["type"] == "Expression"


def _text(text: str, scope: Scope) -> Any:
    parsed = parse(text)
    if isinstance(parsed, str):
        return parsed
    if isinstance(parsed, Text):
        parts = (
            part if isinstance(part, str) else _evaluated(part, scope) for part in parsed.parts
        )
        return "".join(FUNCTIONS["string"](part) for part in parts)
    return _evaluated(parsed, scope)


def _evaluated(node: Node, scope: Scope) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Access):
        return _accessed(node, scope)
    arguments = [_evaluated(argument, scope) for argument in node.arguments]
    function = scope.get(node.name) or FUNCTIONS.get(node.name.lower())
    if function is None:
        raise ActivityFailed(f"{node.name}() is not rehearsed here", "InvalidTemplate")
    return function(*arguments)


def _accessed(node: Access, scope: Scope) -> Any:
    target, key = _evaluated(node.target, scope), _evaluated(node.key, scope)
    try:
        return target[key]
    except (KeyError, IndexError, TypeError):
        if node.optional:
            return None
        raise ActivityFailed(f"{key!r} is not in {target!r}", "InvalidTemplate") from None
