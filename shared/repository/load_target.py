"""The port to the database of a load: records are staged first, then merged in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.repository.versions import Version
from shared.tracks.rejected import Reason, Rejected


class LoadError(Exception):
    """Nothing was stored: the records are as they were. The message is for the operator."""


class LoadRefused(LoadError):
    """The database refused to merge: another load is under way, or staged rows are missing."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a load did: numbers of records, and the new versions of the lists that changed.

    `rejected` has every rejected line of the load, those passed to `Target.reject` included.
    """

    inserted: int
    updated: int
    unchanged: int
    rejected: Mapping[str, Reason]
    versions: Mapping[str, Version]


def reasons(rows: Iterable[Sequence[Any]]) -> dict[str, Reason]:
    """Rows of `statements.REASONS`, by reason."""
    return {reason: Reason(lines, first_line) for reason, lines, first_line in rows}


type StagedRow = tuple[Any, ...]
"""A record to stage: its line number, then its values in the order of COLUMNS."""


class Target(Protocol):
    """One load. Readers see no change before `merge`; without it the records stay as they were.

    Every method raises DatabaseUnavailable; the load may then be run again.
    """

    def stage(self, batch: Sequence[StagedRow]) -> None:
        """Take records, whose line numbers rise over all batches."""
        ...

    def reject(self, batch: Sequence[Rejected]) -> None:
        """Store rejected lines, for the operator."""
        ...

    def merge(self) -> Merged:
        """Store everything that was staged, and raise the versions of the lists that change.

        Records that cannot be stored, the second one of a pair for example, are rejected. Raises
        LoadRefused, and OutcomeUnknown when the connection broke during the merge.
        """
        ...

    def abandon(self) -> None:
        """Discard what was staged; the rejected lines stay for the operator."""
        ...
