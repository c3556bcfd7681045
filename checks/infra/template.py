"""A Bicep file, parsed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lark.exceptions import LarkError
from pycep import BicepParser

from checks.finding import Finding


@dataclass(frozen=True, slots=True)
class Template:
    """`file` is relative to what was checked; the rest is by name, in pycep's notation."""

    file: str
    path: Path
    parameters: Mapping[str, Any]
    variables: Mapping[str, Any]
    resources: Mapping[str, Any]
    modules: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def names(self) -> set[str]:
        """What an expression may refer to."""
        return {*self.parameters, *self.variables, *self.resources, *self.modules}


def read(folder: Path) -> tuple[list[Template], list[Finding]]:
    """Every *.bicep below the folder, and which could not be parsed."""
    templates: list[Template] = []
    findings: list[Finding] = []
    for path in sorted(folder.rglob("*.bicep")):
        file = path.relative_to(folder).as_posix()
        try:
            parsed = _parser().parse(text=path.read_text("utf-8"))
        except LarkError as error:
            findings.append(Finding(file, "", f"is no Bicep: {str(error).splitlines()[0]}"))
            continue
        sections = ("parameters", "variables", "resources", "modules", "outputs")
        found: list[Any] = [parsed.get(name, {}) for name in sections]
        templates.append(Template(file, path, *found))
    return templates, findings


@cache
def _parser() -> BicepParser:
    """Building its grammar takes ten times as long as using it."""
    return BicepParser()


def node(value: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The function, operator or loop that an expression is; empty where it is a plain object.

    Objects have properties of these names too: an alert has an `operator`.
    """
    found = value.get(kind)
    parts = {"parameters", "operands", "detail"}
    return found if isinstance(found, dict) and parts & set(found) else {}
