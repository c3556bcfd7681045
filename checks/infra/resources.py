"""Checks every resource against Microsoft's models."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from checks.azure.checker import Checker
from checks.finding import Fault, Finding
from checks.infra.kinds import KINDS, Kind
from checks.infra.template import Template
from checks.infra.values import NoPropertyError, Values

_OF_THE_TEMPLATE: Final = {"name", "parent", "scope", "dependsOn", "depends_on"}
"""Properties that Bicep uses itself and does not send to Azure."""


def check(templates: Sequence[Template]) -> Iterator[Finding]:
    checker = cache(Checker)
    for template in templates:
        for name, resource in template.resources.items():
            faults = dict.fromkeys(_faults(template, resource, checker))
            yield from (
                Finding(template.file, name + fault.path, fault.message) for fault in faults
            )


def _faults(template: Template, resource: Mapping[str, Any], checker: Any) -> Iterator[Fault]:
    if resource["existing"]:
        unknown = sorted(set(resource["config"]) - _OF_THE_TEMPLATE)
        yield from (
            Fault(f".{name}", "has no meaning for an existing resource") for name in unknown
        )
        return
    kind = _kind(resource)
    if kind is None:
        yield Fault("", f"no model is known for {resource['type']}")
        return
    if resource["api_version"] != kind.version:
        yield Fault("", f"the models describe version {kind.version}")
    for chosen in (True, False):
        try:
            yield from _bodies(Values(template, chosen=chosen), resource, kind, checker)
        except OSError as error:
            yield Fault("", f"there is no {error.filename}")
        except NoPropertyError as error:
            yield Fault("", f"{error} is no property of what the file declares")


def _kind(resource: Mapping[str, Any]) -> Kind | None:
    """Return the kind of a resource; that of a site's `config` depends on its name."""
    type_, name = resource["type"].lower(), str(resource["config"].get("name", "")).lower()
    return KINDS.get(type_) or KINDS.get(f"{type_}/{name}")


def _bodies(
    values: Values, resource: Mapping[str, Any], kind: Kind, checker: Any
) -> Iterator[Fault]:
    found = values.of(resource["config"])
    for body in found if isinstance(found, list) else [found]:
        document = {key: value for key, value in body.items() if key not in _OF_THE_TEMPLATE}
        yield from checker(kind.package).check(kind.model, document)
