"""The port to the database of a load: records are staged first, then merged in one transaction."""

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
    """What a merge did: numbers of records, and the new versions of the lists that changed.

    `duplicates` were rejected because an earlier line of the file has the same record.
    """

    inserted: int
    updated: int
    unchanged: int
    duplicates: int
    versions: Mapping[str, Version]


class Target(Protocol):
    """One load. Readers see no change before `merge`; without it the records stay as they were.

    Every method raises DatabaseUnavailable; the load may then be run again.
    """

    def stage(self, batch: Sequence[tuple[int, Track]]) -> None:
        """Take records with their line numbers, which rise over all batches."""
        ...

    def reject(self, batch: Sequence[Rejected]) -> None:
        """Store rejected lines, for the operator."""
        ...

    def merge(self) -> Merged:
        """Store everything that was staged, and raise the versions of the lists that change.

        Raises LoadRefused, and OutcomeUnknown when the connection broke during the merge.
        """
        ...

    def abandon(self) -> None:
        """Discard what was staged; the rejected lines stay for the operator."""
        ...
