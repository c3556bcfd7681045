"""Checks the files against Azure's resource types: `python -m checks.adf.compiled [folder]`.

Bicep's compiler knows the types, but does not compare what `loadJsonContent` reads with them. So
each file is written as a resource of a template, one value a line, and the compiler's words about a
line are a finding at that value.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from checks.adf.resources import TYPES, Factory, Resource, read
from checks.bicep import CONFIG, compiler
from checks.command import run
from checks.finding import Finding

_VERSION: Final = "2018-06-01"
_OF_BICEP: Final = {"type"}
"""What a file says and a resource of Bicep does not: its type stands in its declaration."""

_READ_ONLY: Final = {"runtimeState"}
"""Studio writes it into the file of a trigger; Data Factory ignores it."""

_TEMPLATE: Final = "factory.bicep"
_WITHOUT_STYLE: Final = {"analyzers": {"core": {"enabled": False}}}
"""Bicep's linter is for people's templates; what does not fit its type is no rule of it."""

_DIAGNOSTIC: Final = re.compile(rf"{_TEMPLATE}\((\d+),\d+\) : (?:Error|Warning) (.*)")

type Line = tuple[str, str, str]
"""(file, path, text): a line of the template, and which value of which file it holds."""


def findings(folder: Path) -> Iterator[Finding]:
    """Yield what the compiler says about each value that it does not take."""
    factory, _ = read(folder)
    lines = list(_template(factory))
    for said in _compile("\n".join(text for _, _, text in lines)):
        match = _DIAGNOSTIC.fullmatch(said)
        file, path, _ = lines[int(match[1]) - 1] if match else (str(folder), "", "")
        yield Finding(file, path, match[2] if match else said)


def _compile(template: str) -> Sequence[str]:
    with TemporaryDirectory() as folder:
        (Path(folder) / CONFIG).write_text(json.dumps(_WITHOUT_STYLE), "utf-8")
        (Path(folder) / _TEMPLATE).write_text(template, "utf-8")
        return compiler(Path(folder), "lint", _TEMPLATE)


def _template(factory: Factory) -> Iterator[Line]:
    yield "", "", f"resource parent '{TYPES['factory']}@{_VERSION}' existing = {{"
    yield "", "", "name: 'any'"
    yield "", "", "}"
    for number, resource in enumerate(factory.resources):
        yield from _resource(f"r{number}", resource)


def _resource(symbol: str, resource: Resource) -> Iterator[Line]:
    where = (resource.file, "")
    yield *where, f"resource {symbol} '{TYPES[resource.kind]}@{_VERSION}' = {{"
    if resource.kind != "factory":
        yield *where, "parent: parent"
    for name, value in resource.document.items():
        if name not in _OF_BICEP:
            lines = _value(value, f".{name}")
            yield from ((resource.file, path, text) for path, text in _named(name, lines))
    yield *where, "}"


def _value(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of each line of a value."""
    match value:
        case dict():
            yield path, "{"
            for name, item in value.items():
                if name not in _READ_ONLY:
                    yield from _named(name, _value(item, f"{path}.{name}"))
            yield path, "}"
        case list():
            yield path, "["
            for index, item in enumerate(value):
                name = item.get("name", index) if isinstance(item, dict) else index
                yield from _value(item, f"{path}[{name}]")
            yield path, "]"
        case str():
            yield path, _quoted(value)
        case _:
            yield path, json.dumps(value)


def _named(name: str, lines: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Put a property's name in front of the first line of its value."""
    path, text = next(lines)
    yield path, f"{_quoted(name)}: {text}"
    yield from lines


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return f"'{escaped.replace('\n', '\\n').replace('\r', '\\r').replace('\t', '\\t')}'"


if __name__ == "__main__":
    sys.exit(run(findings, "adf", __doc__))
