"""Models of the older generator (msrest): an `_attribute_map` of dotted keys and type names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from checks.azure.models import Models
from checks.finding import Fault

_DOT: Final = re.compile(r"(?<!\\)\.")
_PRIMITIVES: Final = {"str": str, "int": int, "bool": bool, "float": float, "long": int}


@dataclass(frozen=True, slots=True)
class Part:
    """A value within the object, with the name of its type: `str`, `[str]`, `{str}`, `Sku`."""

    type: str
    value: Any
    path: str


def is_model(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "_attribute_map")


def parts(model: Any, value: Any, path: str) -> Iterator[Fault | Part]:
    """Yield the faults of the object itself, and the values in it that are still to be checked."""
    return _walk(_tree(model), value, path, model.__name__)


def specific(model: Any, value: Any, models: Models) -> Any:
    """Return the subtype that the object's discriminator names, or the model if there is none."""
    if not isinstance(value, dict):
        return model
    for attribute, kinds in vars(model).get("_subtype_map", {}).items():
        key = model._attribute_map[attribute]["key"].replace("\\.", ".")  # noqa: SLF001 - no public way
        if value.get(key) in kinds:
            return specific(models.named(kinds[value[key]]), value, models)
    return model


def resolved(name: str, models: Models) -> Any:
    """Return the type of this name; Any for types without a model (dates, plain objects)."""
    if name.startswith("["):
        return list[resolved(name[1:-1], models)]  # type: ignore[misc]  # a type made at run time
    if name.startswith("{"):
        return dict[str, resolved(name[1:-1], models)]  # type: ignore[misc]  # a type made at run time
    if name in _PRIMITIVES:
        return _PRIMITIVES[name]
    try:
        return models.named(name)
    except KeyError:
        return Any


@dataclass(frozen=True, slots=True)
class _Leaf:
    type: str
    required: bool


type _Tree = Mapping[str, _Tree | _Leaf]


def _tree(model: Any) -> _Tree:
    """`properties.sku.name` is three objects deep."""
    root: dict[str, Any] = {}
    for attribute, declared in model._attribute_map.items():  # noqa: SLF001 - no public way
        *parents, last = (part.replace("\\.", ".") for part in _DOT.split(declared["key"]))
        branch = root
        for name in parents:
            branch = branch.setdefault(name, {})
        rules = model._validation.get(attribute, {})  # noqa: SLF001 - no public way
        required = bool(rules.get("required")) and not rules.get("readonly")
        branch[last] = _Leaf(declared["type"], required)
    return root


def _walk(tree: _Tree, value: Any, path: str, model: str) -> Iterator[Fault | Part]:
    if not isinstance(value, dict):
        yield Fault(path, f"must be an object ({model})")
        return
    for name, item in value.items():
        expected = tree.get(name)
        if expected is None:
            yield Fault(f"{path}.{name}", f"{model} has no such property")
        elif isinstance(expected, _Leaf):
            yield Part(expected.type, item, f"{path}.{name}")
        else:
            yield from _walk(expected, item, f"{path}.{name}", model)
    for name, expected in tree.items():
        if isinstance(expected, _Leaf) and expected.required and name not in value:
            yield Fault(f"{path}.{name}", f"{model} requires it")
