"""The port to the database of a load: records are staged aside, then merged at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.repository.versions import Version
from shared.tracks.rejected import Rejected
from shared.tracks.track import Track


class LoadError(Exception):
    """Nothing was stored: the records are as they were. The message is for the operator."""


class LoadRefused(LoadError):
    """The database refused to merge: another load is under way, or staged rows are missing."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did. `duplicates` were rejected as repeats of an earlier line of the file."""

    inserted: int
    updated: int
    unchanged: int
    duplicates: int
    versions: Mapping[str, Version]


class Target(Protocol):
    """Nothing that readers see changes before `merge`, which is one transaction."""

    def stage(self, batch: Sequence[tuple[int, Track]]) -> None:
        """Take records with their line numbers, which rise over all batches."""
        ...

    def reject(self, batch: Sequence[Rejected]) -> None:
        """Keep what was refused, for the operator."""
        ...

    def merge(self) -> Merged:
        """Make everything that was staged visible, and raise the versions of what it touched.

        Raises LoadRefused, and OutcomeUnknown when the connection broke meanwhile.
        """
        ...

    def abandon(self) -> None:
        """Forget what was staged; the rejects stay, so that the operator can read them."""
        ...
