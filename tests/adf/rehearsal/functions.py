"""The functions of the expression language that `adf/` uses.

Microsoft Learn, "Expressions and functions in Azure Data Factory": all arguments are evaluated
first, and a wrong type is an error.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tests.adf.rehearsal.outcome import ActivityFailed


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _concat(*texts: Any) -> str:
    return "".join(_text(text) for text in texts)


def _equals(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


def _greater(left: Any, right: Any) -> bool:
    return bool(_number(left) > _number(right))


def _if(condition: Any, then: Any, otherwise: Any) -> Any:
    if not isinstance(condition, bool):
        raise _wrong("a boolean", condition)
    return then if condition else otherwise


def _join(items: Any, separator: Any) -> str:
    return _text(separator).join(_text(item) for item in _items(items))


def _less_or_equals(left: Any, right: Any) -> bool:
    return bool(_number(left) <= _number(right))


def _mul(left: Any, right: Any) -> Any:
    return _number(left) * _number(right)


def _skip(items: Any, count: Any) -> Sequence[Any]:
    return _items(items)[int(_number(count)) :]


def _split(text: Any, separator: Any) -> list[str]:
    return _text(text).split(_text(separator))


def _string(value: Any) -> str:
    return value if isinstance(value, str) else str(_number(value))


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "coalesce": _coalesce,
    "concat": _concat,
    "equals": _equals,
    "greater": _greater,
    "if": _if,
    "join": _join,
    "lessorequals": _less_or_equals,
    "mul": _mul,
    "skip": _skip,
    "split": _split,
    "string": _string,
}


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong("a number", value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong("a text", value)
    return value


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong("an array", value)
    return value


def _wrong(expected: str, value: Any) -> ActivityFailed:
    return ActivityFailed(f"{expected} expected, not {value!r}", "InvalidTemplate")
