"""The model classes of an azure-mgmt package, public and private, with their types resolved.

Microsoft has two generators: the newer one declares annotated `rest_field`s, the older one an
`_attribute_map`. Both are private, so the versions of the packages are pinned.
"""

import importlib
import typing
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from checks.azure.shape import Property, Shape


class Models:
    """The models of one package, such as `azure.mgmt.datafactory`."""

    def __init__(self, package: str) -> None:
        self._names = dict(vars(importlib.import_module(f"{package}.models")))
        for module in ("models._models", "models._models_py3", "models._enums"):
            self._names |= _optional(f"{package}.{module}")
        self._base = _optional(f"{package}._utils.model_base").get("Model")
        self._locals = self._names | {"_models": SimpleNamespace(**self._names)}
        self.shape = cache(self._shape)
        self.kinds = cache(self._kinds)

    def named(self, name: str) -> type:
        """Return the class of a model. Raises KeyError if the package has none of this name."""
        model = self._names[name]
        if not isinstance(model, type):
            raise KeyError(name)
        return model

    def is_model(self, hint: Any) -> bool:
        """Whether a type is a model of the newer generation."""
        return isinstance(hint, type) and self._base is not None and issubclass(hint, self._base)

    def _shape(self, model: Any) -> Shape:
        model.__new__(model)  # sets the names of the fields
        hints = typing.get_type_hints(model, localns=self._locals)
        fields: Mapping[str, Any] = model._attr_to_rest_field  # noqa: SLF001 - no public way
        properties = {
            field._rest_name: _property(hints[name], field)  # noqa: SLF001 - no public way
            for name, field in fields.items()
        }
        return Shape(model.__name__, properties)

    def _kinds(self, model: Any) -> Mapping[str, type]:
        """Return the subtypes by discriminator, at any depth; the SDK looks one level down."""
        found: dict[str, type] = {}
        for kind, subtype in model.__dict__.get("__mapping__", {}).items():
            found.setdefault(kind, subtype)
            if subtype is not model:
                found = {**self._kinds(subtype), **found}
        return found


def _optional(module: str) -> Mapping[str, Any]:
    """Return what the module defines, or nothing if there is no such module."""
    try:
        return vars(importlib.import_module(module))
    except ModuleNotFoundError:
        return {}


def _property(hint: Any, field: Any) -> Property:
    return Property(
        hint,
        discriminates=bool(field._is_discriminator),  # noqa: SLF001 - no public way
        optional=type(None) in typing.get_args(hint) or hint is Any,
        read_only=field._visibility == ["read"],  # noqa: SLF001 - no public way
    )
