"""A load: read, transform, stage, merge. Every line of the file is stored, or rejected."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import batched
from typing import Final

from shared.errors import DatabaseUnavailable
from shared.ingest.load_errors import Interrupted, NothingToLoad
from shared.ingest.transform import Record, transform
from shared.repository.load_target import Merged, StagedRow, Target
from shared.repository.versions import Version
from shared.tracks.rejected import Reason, Rejected

_BATCH: Final = 5000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: inserted + updated + unchanged + the rejected lines = read."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: Mapping[str, Reason]
    versions: Mapping[str, Version]


@dataclass(slots=True)
class Tally:
    """Counts of the lines read so far, and of those rejected, by reason."""

    read: int = 0
    staged: int = 0
    rejected: dict[str, Reason] = field(default_factory=dict)

    def reject(self, rejected: Rejected) -> None:
        self.rejected.setdefault(rejected.reason, Reason(0, rejected.line)).count += 1


def load(records: Iterable[Record | Rejected], target: Target) -> Loaded:
    """Store the records in one transaction at the end; until then no reader sees a change.

    Raises LoadError or DatabaseUnavailable if the stored records are unchanged. After
    OutcomeUnknown, or a KeyboardInterrupt, either all of the merge has happened or nothing.
    """
    try:
        tally, merged = _stage_and_merge(records, target)
    except DatabaseUnavailable:
        with suppress(DatabaseUnavailable):  # the first error says more
            target.abandon()
        raise
    except BaseException:
        target.abandon()
        raise
    return Loaded(
        read=tally.read,
        inserted=merged.inserted,
        updated=merged.updated,
        unchanged=merged.unchanged,
        rejected=merged.rejected,
        versions=merged.versions,
    )


def _stage_and_merge(records: Iterable[Record | Rejected], target: Target) -> tuple[Tally, Merged]:
    tally = _stage(records, target)
    if not tally.staged:
        raise NothingToLoad(tally.rejected)
    merged = target.merge()
    if not merged.inserted + merged.updated + merged.unchanged:
        raise NothingToLoad(merged.rejected)
    return tally, merged


def _stage(records: Iterable[Record | Rejected], target: Target) -> Tally:
    tally = Tally()
    try:
        for batch in batched(records, _BATCH, strict=False):
            _take(batch, target, tally)
    except KeyboardInterrupt:
        raise Interrupted from None
    return tally


def _take(batch: Iterable[Record | Rejected], target: Target, tally: Tally) -> None:
    rows: list[StagedRow] = []
    rejects: list[Rejected] = []
    for record in batch:
        became = record if isinstance(record, Rejected) else transform(record)
        if isinstance(became, Rejected):
            rejects.append(became)
            tally.reject(became)
        else:
            rows.append(became)
    if rejects:
        target.reject(rejects)
    if rows:
        target.stage(rows)
    tally.read += len(rejects) + len(rows)
    tally.staged += len(rows)
