"""Checks a JSON value against a model: unknown and missing properties, wrong types and values.

The packages' own deserialisation does not: it keeps unknown properties, and falls back to the base
model for a subtype that is more than one level down.
"""

import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.azure import enums, older
from checks.azure.models import Models
from checks.finding import Fault

TEMPLATE_EXPRESSION: Final = re.compile(r"\[[^\[].*\]", re.DOTALL)
"""An expression of an ARM template, `[parameters('name')]`, may stand for a value of any type."""

_PRIMITIVES: Final[Mapping[Any, tuple[type, ...]]] = {
    str: (str,),
    int: (int,),
    bool: (bool,),
    float: (int, float),
}


class Checker:
    """Checks documents against the models of one package."""

    def __init__(self, package: str) -> None:
        self._models = Models(package)

    def check(self, model: str, document: Any) -> Iterator[Fault]:
        """Yield what is wrong with the document; `model` is the name of a class of the package.

        Raises KeyError when the package has no such model.
        """
        return self._value(self._models.named(model), document, "")

    def _value(self, hint: Any, value: Any, path: str) -> Iterator[Fault]:
        if hint is Any or (isinstance(value, str) and TEMPLATE_EXPRESSION.fullmatch(value)):
            return
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            yield from self._union(arguments, value, path)
        elif origin is list:
            yield from self._list(arguments[0], value, path)
        elif origin is dict:
            yield from self._dict(arguments[1], value, path)
        elif origin is typing.Literal:
            if value not in arguments:
                yield Fault(path, f"{value!r} is not {' or '.join(map(repr, arguments))}")
        elif self._models.is_model(hint):
            yield from self._object(hint, value, path)
        elif older.is_model(hint):
            yield from self._older(hint, value, path)
        else:
            yield from _primitive(hint, value, path)

    def _union(self, hints: tuple[Any, ...], value: Any, path: str) -> Iterator[Fault]:
        """Yield the faults of the best alternative; a text must be a value of the enum, if any."""
        if value is None and type(None) in hints:
            return
        if isinstance(value, str) and enums.among(hints):
            yield from enums.check(enums.among(hints), value, path)
            return
        alternatives = [hint for hint in hints if hint is not type(None)]
        yield from min((list(self._value(hint, value, path)) for hint in alternatives), key=len)

    def _list(self, hint: Any, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(path, "must be a list")
            return
        for index, item in enumerate(value):
            name = item.get("name", index) if isinstance(item, dict) else index
            yield from self._value(hint, item, f"{path}[{name}]")

    def _dict(self, hint: Any, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path, "must be an object")
            return
        for name, item in value.items():
            yield from self._value(hint, item, f"{path}.{name}")

    def _object(self, model: Any, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path, f"must be an object ({self._models.shape(model).name})")
            return
        discriminator = self._models.shape(model).discriminator
        kinds = self._models.kinds(model)
        if discriminator and kinds:
            kind = str(value.get(discriminator))
            if kind not in kinds:
                yield Fault(f"{path}.{discriminator}", f"{kind!r} is no kind of {model.__name__}")
                return
            model = kinds[kind]
        yield from self._properties(model, value, path)

    def _properties(self, model: Any, value: Mapping[str, Any], path: str) -> Iterator[Fault]:
        shape = self._models.shape(model)
        for name, item in value.items():
            if name in shape.properties:
                yield from self._value(shape.properties[name].type, item, f"{path}.{name}")
            else:
                yield Fault(f"{path}.{name}", f"{shape.name} has no such property")
        for name, declared in shape.properties.items():
            may_be_missing = declared.optional or declared.read_only or declared.discriminates
            if name not in value and not may_be_missing:
                yield Fault(f"{path}.{name}", f"{shape.name} requires it")

    def _older(self, model: Any, value: Any, path: str) -> Iterator[Fault]:
        model = older.specific(model, value, self._models)
        for fault_or_part in older.parts(model, value, path):
            if isinstance(fault_or_part, Fault):
                yield fault_or_part
            else:
                hint = older.resolved(fault_or_part.type, self._models)
                yield from self._value(hint, fault_or_part.value, fault_or_part.path)


def _primitive(hint: Any, value: Any, path: str) -> Iterator[Fault]:
    expected = _PRIMITIVES.get(hint)
    if expected is None:
        return
    if not isinstance(value, expected) or (isinstance(value, bool) and hint is not bool):
        yield Fault(path, f"must be of type {hint.__name__}, not {value!r}")
