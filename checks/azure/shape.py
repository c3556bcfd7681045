"""The properties of a model's JSON object."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Property:
    type: Any
    discriminates: bool
    optional: bool
    read_only: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A model's name, and its properties by their JSON names."""

    name: str
    properties: Mapping[str, Property]

    @property
    def discriminator(self) -> str | None:
        """The property whose value names the subtype, or None."""
        names = (name for name, property_ in self.properties.items() if property_.discriminates)
        return next(names, None)
