"""Checks that every name is declared and used, and that no file reads an account's key."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pycep.transformer import BicepElement

from checks.finding import Finding
from checks.infra.template import Template, node

_INSERTED: Final = re.compile(r"\$\{(?:[a-zA-Z]+\()*([a-zA-Z_]\w*)")
_SECRET: Final = re.compile("list_keys|list_secrets|listKeys|listSecrets|list_account_sas")


def check(templates: Sequence[Template]) -> Iterator[Finding]:
    for template in templates:
        yield from _undeclared(template)
        yield from _unused(template)
        if _SECRET.search(template.path.read_text("utf-8")):
            yield Finding(template.file, "", "asks for a key: use an identity")


def _undeclared(template: Template) -> Iterator[Finding]:
    for name in sorted(_references(template) - template.names):
        yield Finding(template.file, name, "is declared nowhere")


def _unused(template: Template) -> Iterator[Finding]:
    declared = {*template.parameters, *template.variables}
    for name in sorted(declared - _references(template)):
        yield Finding(template.file, name, "is used nowhere")


def _references(template: Template) -> set[str]:
    parts = (template.parameters, template.variables, template.resources)
    return {name for part in (*parts, template.modules, template.outputs) for name in _named(part)}


def _named(value: Any) -> Iterator[str]:
    """Yield the names that a value refers to, except those of its own loops and of properties."""
    if isinstance(value, BicepElement):
        yield str(value).partition(".")[0]
    elif isinstance(value, str):
        yield from _INSERTED.findall(value)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        own = node(value, "loop_type").get("detail", {}).get("item_name")
        operator = node(value, "operator")
        if operator.get("type") == "property_accessor":
            yield from _named(operator["operands"]["operand_1"])
            return
        for item in value.values():
            yield from (name for name in _named(item) if name != own)
