"""Checks that expressions can be parsed and that every name in them is in scope."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from checks.adf.activities import activities
from checks.adf.expressions.nodes import Access, Call, Literal, Node, Text, property_path, within
from checks.adf.expressions.parser import ExpressionError, parse
from checks.adf.json_walk import strings
from checks.adf.resources import Factory, Resource
from checks.finding import Fault, Finding

FUNCTIONS: Final = {
    "coalesce": (1, 99),
    "concat": (1, 99),
    "equals": (2, 2),
    "greater": (2, 2),
    "if": (3, 3),
    "join": (2, 2),
    "lessorequals": (2, 2),
    "mul": (2, 2),
    "skip": (2, 2),
    "split": (2, 2),
    "string": (1, 1),
}
"""The functions in use, in lower case: (fewest, most) arguments."""

_PIPELINE: Final = {"RunId", "Pipeline", "DataFactory", "GroupId", "TriggerTime", "TriggerName"}
_TRIGGER_BODY: Final = {"fileName", "folderPath"}
_OUTCOME: Final = {"output", "error", "status"}


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression may use, by kind; None if it may use none of a kind."""

    parameters: frozenset[str] | None = None
    upstream: frozenset[str] | None = None
    dataset: frozenset[str] | None = None
    trigger: bool = False


def check(factory: Factory) -> Iterator[Finding]:
    for resource in factory.resources:
        for path, text, scope in _places(resource):
            for message in _faults(text, scope):
                yield Fault(path, message).of(resource.file)


def _places(resource: Resource) -> Iterator[tuple[str, str, Scope]]:
    """Yield (path, text, scope) of every string."""
    names = frozenset(resource.parameters)
    if resource.kind != "pipeline":
        dataset = names if resource.kind == "dataset" else None
        scope = Scope(dataset=dataset, trigger=resource.kind == "trigger")
        yield from ((path, text, scope) for path, text in strings(dict(resource.document)))
        return
    for activity in activities(resource.properties):
        scope = Scope(parameters=names, upstream=frozenset(activity.upstream()))
        yield from ((path, text, scope) for path, text in activity.own_strings())


def _faults(text: str, scope: Scope) -> Iterator[str]:
    try:
        parsed = parse(text)
    except ExpressionError as error:
        yield f"is no expression: {error}"
        return
    if isinstance(parsed, str):
        return
    for root in parsed.parts if isinstance(parsed, Text) else (parsed,):
        if not isinstance(root, str):
            yield from _references(root, scope)


def _references(root: Node, scope: Scope) -> Iterator[str]:
    inner: set[int] = set()
    for node in within(root):
        if isinstance(node, Access):
            start, names = property_path(node)
            if id(start) not in inner and isinstance(start, Call):
                inner.add(id(start))
                yield from _reference(start, names, scope)
        elif isinstance(node, Call) and id(node) not in inner:
            yield from _function(node)


def _reference(call: Call, names: tuple[str, ...], scope: Scope) -> Iterator[str]:
    match call.name, names:
        case "pipeline", ("parameters", parameter):
            yield from _one_of(parameter, scope.parameters, "parameter")
        case "pipeline", (variable,):
            yield from _one_of(
                variable, _PIPELINE if scope.parameters is not None else None, "system variable"
            )
        case "dataset", (parameter,):
            yield from _one_of(parameter, scope.dataset, "parameter of this dataset")
        case "triggerBody", (name,):
            yield from _one_of(name, _TRIGGER_BODY if scope.trigger else None, "property of a blob")
        case "activity", (part, *_):
            argument = call.arguments[0] if call.arguments else Literal("")
            activity = str(argument.value) if isinstance(argument, Literal) else ""
            yield from _one_of(activity, scope.upstream, "activity that is done before this one")
            yield from _one_of(part, _OUTCOME, "part of an outcome")
        case _:
            yield from _function(call)


def _one_of(name: str, known: frozenset[str] | set[str] | None, what: str) -> Iterator[str]:
    if known is None or name not in known:
        yield f"{name!r} is no {what} here"


def _function(call: Call) -> Iterator[str]:
    bounds = FUNCTIONS.get(call.name.lower())
    if bounds is None:
        yield f"{call.name}() is no function that is known here"
    elif not bounds[0] <= len(call.arguments) <= bounds[1]:
        yield f"{call.name}() cannot take {len(call.arguments)} arguments"
