"""A resource of Data Factory is made after those that its file refers to.

Bicep sees no reference in a file that it loads, so modules/factory.bicep says the order itself.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from checks.finding import Finding

_MODULE: Final = "modules/factory.bicep"
_FILE: Final = re.compile(r"^var (\w+) = loadJsonContent\('(.*/adf/.*)'\)$", re.MULTILINE)
_RESOURCE: Final = re.compile(r"^resource (\w+) .*?^}$", re.MULTILINE | re.DOTALL)
_LOADED: Final = re.compile(r"^  name: (\w+)\.name$", re.MULTILINE)
_WAITS: Final = re.compile(r"^  dependsOn: \[([^]]*)\]", re.MULTILINE)
_REFERENCE: Final = re.compile(r'"referenceName": "(\w+)"')


@dataclass(frozen=True)
class _Resource:
    name: str
    refers_to: set[str]
    waits_for: set[str]


def check(infra: Path) -> Iterator[Finding]:
    """Yield a finding for each `dependsOn` that lacks a resource."""
    resources = _read(infra / _MODULE)
    symbols = {found.name: symbol for symbol, found in resources.items()}
    for symbol, found in resources.items():
        wanted = {symbols.get(name, name) for name in found.refers_to}
        for missing in sorted(wanted - _waits_for(symbol, resources)):
            message = f"lacks {missing}, to which its file in adf/ refers"
            yield Finding(_MODULE, f"{symbol}.dependsOn", message)


def _waits_for(symbol: str, resources: Mapping[str, _Resource]) -> set[str]:
    """The resources that are made before this one."""
    direct = resources[symbol].waits_for if symbol in resources else set()
    return direct.union(*(_waits_for(other, resources) for other in direct))


def _read(module: Path) -> Mapping[str, _Resource]:
    """The resources that are made from files, by their symbols."""
    text = module.read_text("utf-8")
    files = {
        variable: (module.parent / path).read_text("utf-8")
        for variable, path in _FILE.findall(text)
    }
    return {
        found[1]: _resource(found[0], files[loaded[1]])
        for found in _RESOURCE.finditer(text)
        if (loaded := _LOADED.search(found[0]))
    }


def _resource(block: str, file: str) -> _Resource:
    waits = _WAITS.search(block)
    return _Resource(
        json.loads(file)["name"],
        set(_REFERENCE.findall(file)),
        set(waits[1].split()) if waits else set(),
    )
