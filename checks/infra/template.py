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
    """`file` is relative to the checked folder; the sections are by name, in pycep's notation."""

    file: str
    path: Path
    parameters: Mapping[str, Any]
    variables: Mapping[str, Any]
    resources: Mapping[str, Any]
    modules: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def names(self) -> set[str]:
        """The names that an expression may use."""
        return {*self.parameters, *self.variables, *self.resources, *self.modules}


def read(folder: Path) -> tuple[list[Template], list[Finding]]:
    """Return every *.bicep in the folder, and findings for those that cannot be parsed."""
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
    """Return the parser, built once: that takes ten times as long as parsing a file."""
    return BicepParser()


def node(value: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Return the expression of a kind (`function`, `operator`, `loop_type`), else an empty mapping.

    A plain object may have a property of the same name: an alert has an `operator`.
    """
    found = value.get(kind)
    parts = {"parameters", "operands", "detail"}
    return found if isinstance(found, dict) and parts & set(found) else {}
