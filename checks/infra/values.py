"""Evaluates Bicep expressions, as far as that is possible without Azure.

A value that is only known in a deployment becomes the text of an ARM expression, which the checker
accepts as a value of any type.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pycep.transformer import BicepElement

from checks.infra.template import Template, node

UNKNOWN: Final = "[unknown]"
_INSERTED: Final = re.compile(r"\$\{(\w+)\.(\w+)")


class NoPropertyError(Exception):
    """An expression uses a property that an object of the file does not have."""


class Values:
    """Evaluates the expressions of one file; `chosen` is the value of every condition."""

    def __init__(self, template: Template, *, chosen: bool) -> None:
        self._template, self._chosen = template, chosen

    def of(self, value: Any, names: Mapping[str, Any] | None = None) -> Any:
        """Return a JSON value. `names` are a loop's variables. Raises OSError, NoPropertyError."""
        names = names or {}
        if isinstance(value, BicepElement):
            return self._named(str(value), names)
        if isinstance(value, str):
            for name, property_ in _INSERTED.findall(value):
                _property(names.get(name), property_)
            return UNKNOWN if "${" in value else value
        if isinstance(value, list):
            return [self.of(item, names) for item in value]
        if not isinstance(value, dict):
            return value
        for kind, evaluate in (
            ("function", self._function),
            ("operator", self._operator),
            ("loop_type", self._loop),
        ):
            if node(value, kind):
                return evaluate(value, names)
        return {name.strip("'"): self.of(item, names) for name, item in value.items()}

    def _named(self, name: str, names: Mapping[str, Any]) -> Any:
        if name in names:
            return names[name]
        if name in self._template.variables:
            return self.of(self._template.variables[name]["value"])
        return UNKNOWN

    def _loop(self, value: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
        detail = value["loop_type"]["detail"]
        items = self.of(detail.get("array_name"), names)
        if not isinstance(items, list):
            return UNKNOWN
        return [self.of(value["config"], {**names, detail["item_name"]: item}) for item in items]

    def _operator(self, value: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
        kind, operands = value["operator"]["type"], value["operator"]["operands"]
        if kind == "conditional":
            return self.of(operands["true_value" if self._chosen else "false_value"], names)
        second = operands.get("operand_2")
        if kind == "property_accessor":
            return _property(self.of(operands["operand_1"], names), str(second))
        # pycep binds `a == b ? c : d` as a == (b ? c : d).
        if isinstance(second, dict) and second.get("operator", {}).get("type") == "conditional":
            return self.of(second, names)
        return UNKNOWN

    def _function(self, value: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
        function = value["function"]
        given = [argument for argument in function["parameters"].values() if argument is not None]
        found = self._called(function["type"], given, names)
        accessed = function.get("property_name")
        return _property(found, str(accessed)) if accessed else found

    def _called(self, function: str, given: list[Any], names: Mapping[str, Any]) -> Any:
        if function == "load_json_content":
            return json.loads(self._file(given[0]).read_text("utf-8"))
        if function == "load_text_content":
            return self._file(given[0]).read_text("utf-8")
        if function == "json":
            return json.loads(str(given[0]))
        arguments = [self.of(argument, names) for argument in given]
        if function == "union" and all(isinstance(argument, dict) for argument in arguments):
            return _merged(arguments)
        if function == "concat" and all(isinstance(argument, list) for argument in arguments):
            return [item for argument in arguments for item in argument]
        return UNKNOWN

    def _file(self, name: str) -> Path:
        return self._template.path.parent / name


def _property(owner: Any, name: str) -> Any:
    """Return a property of an object. Raises NoPropertyError if it has no such property."""
    if not isinstance(owner, dict):
        return UNKNOWN
    if name not in owner:
        raise NoPropertyError(name)
    return owner[name]


def _merged(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """Merge objects, and the objects in them, as Bicep's `union` does."""
    merged: dict[str, Any] = {}
    for document in objects:
        for name, value in document.items():
            old = merged.get(name)
            both = isinstance(old, dict) and isinstance(value, dict)
            merged[name] = _merged([old, value]) if both else value  # type: ignore[list-item]  # `both` says so
    return merged
