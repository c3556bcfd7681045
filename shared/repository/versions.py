"""Versions of lists (docs/protocol.md, rules 1 to 4)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """A list's version: a number, and the epoch of the database that issued it.

    Only numbers of one epoch can be compared: another epoch is another database. A number is below
    2**53, because Lua's numbers are doubles.
    """

    epoch: str
    number: int

    def satisfies(self, required: "Version") -> bool:
        """Whether a list of this version may be served where `required` is the oldest allowed."""
        return self.epoch == required.epoch and self.number >= required.number


@dataclass(frozen=True, slots=True)
class Versions:
    """The epoch and the number of every scope, read by one query."""

    epoch: str
    numbers: Mapping[str, int]

    def of(self, scope: str) -> Version | None:
        """The scope's version, or None if there is no such scope."""
        number = self.numbers.get(scope)
        return None if number is None else Version(self.epoch, number)
