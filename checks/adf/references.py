"""Checks references between resources, and their parameters."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.adf.json_walk import walk
from checks.adf.resources import Factory, Resource
from checks.finding import Fault, Finding

_KINDS: Final = {
    "LinkedServiceReference": "linkedService",
    "DatasetReference": "dataset",
    "PipelineReference": "pipeline",
}


def check(factory: Factory) -> Iterator[Finding]:
    for resource in factory.resources:
        for path, reference, given in _references(resource):
            for fault in _reference(reference, given, factory, path):
                yield fault.of(resource.file)
    yield from _unused(factory)


def _references(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield (path, reference, parameters); those of a pipeline stand next to its reference."""
    for path, value in walk(dict(resource.document)):
        if not isinstance(value, dict):
            continue
        given = value.get("parameters", {})
        if "pipelineReference" in value:
            yield path, value["pipelineReference"], given
        elif "referenceName" in value and not path.endswith(".pipelineReference"):
            yield path, value, given


def _reference(
    reference: Mapping[str, Any], given: Mapping[str, Any], factory: Factory, path: str
) -> Iterator[Fault]:
    name, kind = reference["referenceName"], _KINDS.get(reference.get("type", ""))
    if kind is None:
        yield Fault(path, f"{reference.get('type')!r} is no type of reference")
    elif name not in factory.of(kind):
        yield Fault(path, f"there is no {kind} {name!r}")
    else:
        yield from _parameters(factory.of(kind)[name], given, path)


def _parameters(target: Resource, given: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for name in given:
        if name not in target.parameters:
            yield Fault(f"{path}.parameters.{name}", f"{target.name!r} has no such parameter")
    for name, declared in target.parameters.items():
        if name not in given and "defaultValue" not in declared:
            yield Fault(f"{path}.parameters.{name}", f"{target.name!r} requires it")


def _unused(factory: Factory) -> Iterator[Finding]:
    used = {
        (_KINDS.get(str(reference.get("type"))), reference.get("referenceName"))
        for resource in factory.resources
        for _, reference, _ in _references(resource)
    }
    for resource in factory.resources:
        if resource.kind in {"linkedService", "dataset"} and (
            (resource.kind, resource.name) not in used
        ):
            yield Finding(resource.file, "", "nothing refers to it")
