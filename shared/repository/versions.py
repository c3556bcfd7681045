"""Versions of lists: what is newer than what, and in which database."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.tracks.genres import ALL

__all__ = ["ALL", "Version", "Versions"]  # ALL and the genres are the scopes that have versions


@dataclass(frozen=True, slots=True)
class Version:
    """A list's version: a number, and the epoch of the database that issued it.

    Numbers compare within one epoch only: another epoch is another database, whose numbers
    say nothing about this one's. A number is below 2**53, because Lua counts in doubles.
    """

    epoch: str
    number: int

    def satisfies(self, need: "Version") -> bool:
        """Whether a list of this version may serve a reader who needs at least `need`."""
        return self.epoch == need.epoch and self.number >= need.number


@dataclass(frozen=True, slots=True)
class Versions:
    """One reading of `cache_version`: the number of every scope, all from one query."""

    epoch: str
    numbers: Mapping[str, int]

    def of(self, scope: str) -> Version | None:
        """The scope's version, or None for a scope that this reading does not know."""
        number = self.numbers.get(scope)
        return None if number is None else Version(self.epoch, number)
