"""Checks arguments and outputs of modules, and the parameter file of each environment."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from checks.finding import Finding
from checks.infra.template import Template

GIVEN_BY_HAND: Final = {"image"}
"""Parameters that no file holds, because every deployment has its own."""

_OF_A_MODULE: Final = {"name", "params", "scope", "dependsOn", "depends_on"}
_OUTPUT: Final = re.compile(r"\b(\w+)\.outputs\.(\w+)")
_TYPES: Final[Mapping[str, type]] = {"string": str, "int": int, "bool": bool, "object": dict}


def check(templates: Sequence[Template]) -> Iterator[Finding]:
    by_path = {template.path.resolve(): template for template in templates}
    for template in templates:
        targets = {
            name: by_path.get((template.path.parent / module["detail"]["path"]).resolve())
            for name, module in template.modules.items()
        }
        for name, module in template.modules.items():
            given = set(module["config"].get("params", {}))
            yield from _arguments(Finding(template.file, name, ""), targets[name], given)
            for key in sorted(set(module["config"]) - _OF_A_MODULE):
                yield Finding(template.file, f"{name}.{key}", "no module has such a property")
        yield from _outputs(template, targets)
        yield from _parameter_files(template)


def _arguments(at: Finding, target: Template | None, given: set[str]) -> Iterator[Finding]:
    if target is None:
        yield Finding(at.file, at.path, "its file does not exist")
        return
    declared = target.parameters
    required = {name for name, parameter in declared.items() if parameter["default"] is None}
    for name in sorted(given - set(declared)):
        yield Finding(at.file, at.path, f"{target.file} has no parameter {name}")
    for name in sorted(required - given):
        yield Finding(at.file, at.path, f"{target.file} requires {name}")


def _outputs(template: Template, targets: Mapping[str, Template | None]) -> Iterator[Finding]:
    for module, output in _OUTPUT.findall(template.path.read_text("utf-8")):
        target = targets.get(module)
        if target is not None and output not in target.outputs:
            yield Finding(template.file, module, f"{target.file} has no output {output}")


def _parameter_files(template: Template) -> Iterator[Finding]:
    """Check main.dev.parameters.json and the like, next to main.bicep."""
    for path in sorted(template.path.parent.glob(f"{template.path.stem}.*.parameters.json")):
        values = json.loads(path.read_text("utf-8"))["parameters"]
        yield from _arguments(Finding(path.name, "", ""), template, set(values) | GIVEN_BY_HAND)
        for name, parameter in template.parameters.items():
            if name in values:
                yield from _value(Finding(path.name, name, ""), parameter, values[name]["value"])


def _value(at: Finding, parameter: Mapping[str, Any], value: Any) -> Iterator[Finding]:
    """Check a value against the declared type and its decorators."""
    rules = {rule["type"]: rule.get("argument") for rule in parameter["decorators"]}
    expected = _TYPES[parameter["type"]]
    if type(value) is not expected:
        yield Finding(at.file, at.path, f"must be of type {parameter['type']}, not {value!r}")
    elif "allowed" in rules and value not in rules["allowed"]:
        yield Finding(at.file, at.path, f"{value!r} is not one of {', '.join(rules['allowed'])}")
    elif "min_value" in rules and value < rules["min_value"]:
        yield Finding(at.file, at.path, f"{value} is less than {rules['min_value']}")
