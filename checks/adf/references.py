"""Checks references between resources, and their parameters."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.adf.resources import Factory, Resource
from checks.finding import Fault, Finding

_KINDS: Final = {
    "LinkedServiceReference": "linkedService",
    "DatasetReference": "dataset",
    "PipelineReference": "pipeline",
}


def check(factory: Factory) -> Iterator[Finding]:
    for resource in factory.resources:
        for fault in _references(resource.document, factory, ""):
            yield fault.of(resource.file)
    yield from _unused(factory)


def _references(value: Any, factory: Factory, path: str) -> Iterator[Fault]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            name = item.get("name", index) if isinstance(item, dict) else index
            yield from _references(item, factory, f"{path}[{name}]")
    elif isinstance(value, dict):
        if "referenceName" in value:
            yield from _reference(value, value.get("parameters", {}), factory, path)
        if "pipelineReference" in value:
            yield from _references(value["pipelineReference"], factory, path)
            pipeline = dict(value["pipelineReference"])
            yield from _reference(pipeline, value.get("parameters", {}), factory, path)
            return
        for name, item in value.items():
            yield from _references(item, factory, f"{path}.{name}")


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
        for reference in _all(resource.document)
    }
    for resource in factory.resources:
        if resource.kind in {"linkedService", "dataset"} and (
            (resource.kind, resource.name) not in used
        ):
            yield Finding(resource.file, "", "nothing refers to it")


def _all(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        if "referenceName" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _all(item)
