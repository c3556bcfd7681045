"""What a model says about its JSON object."""

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
    """A model's name, and its properties by their names in JSON."""

    name: str
    properties: Mapping[str, Property]

    @property
    def discriminator(self) -> str | None:
        """The property that tells which subtype an object is."""
        names = (name for name, property_ in self.properties.items() if property_.discriminates)
        return next(names, None)
