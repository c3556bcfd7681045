"""Checks every resource against Microsoft's models, and the parts that those leave untyped."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.adf.activities import activities
from checks.adf.resources import MODELS, Factory
from checks.azure.checker import Checker
from checks.finding import Fault, Finding

_PACKAGE: Final = "azure.mgmt.datafactory"
_TRANSLATOR: Final = {"type", "mappings", "typeConversion", "typeConversionSettings"}
_CONVERSIONS: Final = {"allowDataTruncation", "treatBooleanAsNumber"}


def check(factory: Factory) -> Iterator[Finding]:
    checker = Checker(_PACKAGE)
    for resource in factory.resources:
        for fault in checker.check(MODELS[resource.kind], dict(resource.document)):
            yield fault.of(resource.file)
        if resource.kind == "pipeline":
            for activity in activities(resource.properties):
                for fault in _translator(activity.properties.get("translator"), activity.path):
                    yield fault.of(resource.file)


def _translator(translator: Any, path: str) -> Iterator[Fault]:
    """Check the mapping of a Copy, which the models do not describe."""
    if not isinstance(translator, dict):
        return
    path += ".translator"
    yield from _unknown(translator, _TRANSLATOR, path)
    settings = translator.get("typeConversionSettings", {})
    yield from _unknown(settings, _CONVERSIONS, f"{path}.typeConversionSettings")


def _unknown(value: Mapping[str, Any], known: set[str], path: str) -> Iterator[Fault]:
    for name in value:
        if name not in known:
            yield Fault(f"{path}.{name}", "the mapping of a Copy has no such property")
