"""A load: read, transform, stage, merge. Every line of the file is stored or rejected."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import batched
from typing import Final

from shared.errors import DatabaseUnavailable
from shared.ingest.load_errors import Interrupted, NothingToLoad
from shared.ingest.transform import Record, transform
from shared.repository.load_target import Merged, Target
from shared.repository.versions import Version
from shared.tracks.rejected import DUPLICATE, Reason, Rejected
from shared.tracks.track import Track

_BATCH: Final = 5000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: inserted + updated + unchanged = read - all that is rejected."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: Mapping[str, Reason]
    versions: Mapping[str, Version]


@dataclass(slots=True)
class Tally:
    """What has been read so far, and why some of it was refused."""

    read: int = 0
    staged: int = 0
    rejected: dict[str, Reason] = field(default_factory=dict)

    def refuse(self, rejected: Rejected) -> None:
        self.rejected.setdefault(rejected.reason, Reason(0, rejected.line)).count += 1


def load(records: Iterable[Record | Rejected], target: Target) -> Loaded:
    """Store the records, in one transaction at the end; until then nobody sees a change.

    Raises LoadError, and DatabaseUnavailable: the records are as they were.
    After OutcomeUnknown, and a KeyboardInterrupt that gets out, the merge happened whole or not.
    """
    try:
        tally, merged = _stage_and_merge(records, target)
    except DatabaseUnavailable:
        with suppress(DatabaseUnavailable):  # the first one says more
            target.abandon()
        raise
    except BaseException:
        target.abandon()
        raise
    if merged.duplicates:
        tally.rejected[DUPLICATE] = Reason(merged.duplicates, None)
    return Loaded(
        read=tally.read,
        inserted=merged.inserted,
        updated=merged.updated,
        unchanged=merged.unchanged,
        rejected=tally.rejected,
        versions=merged.versions,
    )


def _stage_and_merge(records: Iterable[Record | Rejected], target: Target) -> tuple[Tally, Merged]:
    tally = _stage(records, target)
    if not tally.staged:
        raise NothingToLoad(tally.rejected)
    return tally, target.merge()


def _stage(records: Iterable[Record | Rejected], target: Target) -> Tally:
    tally = Tally()
    try:
        for batch in batched(records, _BATCH, strict=False):
            _take(batch, target, tally)
    except KeyboardInterrupt:
        raise Interrupted from None
    return tally


def _take(batch: Iterable[Record | Rejected], target: Target, tally: Tally) -> None:
    tracks: list[tuple[int, Track]] = []
    refused: list[Rejected] = []
    for record in batch:
        became = record if isinstance(record, Rejected) else transform(record)
        if isinstance(became, Rejected):
            refused.append(became)
            tally.refuse(became)
        else:
            tracks.append((record.line, became))
    if refused:
        target.reject(refused)
    if tracks:
        target.stage(tracks)
    tally.read += len(refused) + len(tracks)
    tally.staged += len(tracks)
