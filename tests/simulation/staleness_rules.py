"""Reads see what was acknowledged before they began, and what was committed Δ before.

An answer marked stale promises nothing. Where the store lost acknowledged state behind a living
connection, or one still leads to a demoted primary, a write may be missed for Δ, but never under
CACHE_STRICT_ACK. An answer that a record
exists already acknowledges that record.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import orjson

from shared.cache.cached_list import Outcome
from shared.tracks.genres import ALL, fold
from shared.tracks.track import Track
from tests.simulation.history import Commit
from tests.simulation.record import Asked, Record, Stored

SLOWEST_CLOCK: Final = 0.98
"""Δ is counted by the instances' clocks; this is how slow one may be."""


def stale_answers(record: Record) -> Iterator[str]:
    shown: dict[bytes, dict[str, int]] = {}
    for asked in _answered(record):
        uncompressed = record.uncompressed(asked)
        marks = shown.get(uncompressed)
        if marks is None:
            marks = shown[uncompressed] = _marks(uncompressed)
        for stored in record.writes:
            yield from _missed(record, asked, marks, stored)
        yield from _of_lost_time(record, asked, marks)


def _answered(record: Record) -> list[Asked]:
    return [
        asked
        for asked in record.answers
        if asked.served is not None and asked.served.outcome is not Outcome.STALE
    ]


def _marks(uncompressed: bytes) -> dict[str, int]:
    """The records of an answer, each with the mark of its newest write."""
    rows = orjson.loads(uncompressed)
    return {f"{row['genre']}/{row['track_id']}": row["popularity"] for row in rows}


def _missed(record: Record, asked: Asked, marks: dict[str, int], stored: Stored) -> Iterator[str]:
    for track, commit in _told_of(record, stored):
        if not _concerns(record, asked, commit, track.popularity):
            continue
        why = _must_see(record, asked, stored, commit)
        if why is None:
            continue
        shown = marks.get(f"{track.genre}/{track.track_id}")
        if shown is None or record.history.by_mark[shown].index < commit.index:
            yield (
                f"{asked.name} ({asked.served and asked.served.outcome}) of {asked.scope} begun at"
                f" {asked.began:.6f} lacks {stored.name}'s {track.track_id}, {why}"
            )


def _told_of(record: Record, stored: Stored) -> Iterator[tuple[Track, Commit]]:
    """The records that the write's answer tells of, as stored, and their commits."""
    if stored.conflict is not None:
        yield from islice(_commits_of(record, stored.tracks[0]), 1)
    for sent in stored.tracks:
        commit = record.history.by_mark.get(sent.popularity)
        if commit is not None:
            stored_as = (t for t in commit.tracks if t.popularity == sent.popularity)
            yield next(stored_as), commit


def _commits_of(record: Record, sent: Track) -> Iterator[tuple[Track, Commit]]:
    for commit in record.history.commits:
        for track in commit.tracks:
            if track.track_id == sent.track_id and fold(track.genre) == fold(sent.genre):
                yield track, commit


def _must_see(record: Record, asked: Asked, stored: Stored, commit: Commit) -> str | None:
    if asked.ended is None or commit.lost_at <= asked.ended:
        return None
    lease_seconds = record.plan.lease_seconds / SLOWEST_CLOCK
    if asked.began > commit.at + lease_seconds:
        return f"committed at {commit.at:.6f}, more than the freshness before"
    told_at = stored.told_at
    if told_at is None or not stored.announced or told_at >= asked.began:
        return None
    windows = [(moment, moment) for moment in record.forgotten] + record.splits
    excused = any(commit.at <= end and begin <= asked.ended for begin, end in windows)
    if excused and not record.plan.strict:
        return None
    how = "acknowledged" if stored.conflict is None else "said to exist already"
    return f"{how} at {told_at:.6f}"


def _concerns(record: Record, asked: Asked, commit: Commit, mark: int) -> bool:
    """Whether the record belongs to the list that was asked for, when it was answered."""
    if asked.scope != ALL:
        return any(
            track.popularity == mark and fold(track.genre) == fold(asked.scope)
            for track in commit.tracks
        )
    key = next((t.genre, t.track_id) for t in commit.tracks if t.popularity == mark)
    rows = record.history.at(asked.ended or asked.began).of(ALL, record.plan.limit)
    return any((row[1].genre, row[1].track_id) == key for row in rows)


def _of_lost_time(record: Record, asked: Asked, marks: dict[str, int]) -> Iterator[str]:
    """What a restore undid is shown no longer than Δ after the restore."""
    lease_seconds = record.plan.lease_seconds / SLOWEST_CLOCK
    for mark in marks.values():
        lost_at = record.history.by_mark[mark].lost_at
        if asked.began > lost_at + lease_seconds:
            yield (
                f"{asked.name} of {asked.scope} begun at {asked.began:.6f} shows what was lost"
                f" at {lost_at:.6f}"
            )
