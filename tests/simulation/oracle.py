"""Judges a run by the promise (docs/caching.md); every rule names what it found broken."""

from collections.abc import Iterator
from typing import Final

import orjson

from shared.cache.cached_list import Outcome
from shared.cache.lease import PROBE_TIMEOUT
from shared.errors import AlreadyExists, DatabaseUnavailable, OutcomeUnknown
from shared.tracks.track import View
from tests.simulation.history import Rows
from tests.simulation.plan import QUIET_SECONDS, Plan
from tests.simulation.record import Asked, Record
from tests.simulation.staleness_rules import stale_answers

LONG_SECONDS: Final = 4.0
"""Seconds after an SQL fault in which a caller may still be told that SQL is away."""

LONGEST: Final = 20.0
"""Seconds that a read may take at most: a lock's life, a poll, a fill, and their delays."""


def violations(record: Record) -> list[str]:
    """What is wrong with the run; empty for a good one."""
    return [
        *record.faults,
        *_wrong_lists(record),
        *stale_answers(record),
        *_unanswered(record),
        *_wrong_errors(record),
        *_lost_writes(record),
        *_never_cached_again(record),
    ]


def _wrong_lists(record: Record) -> Iterator[str]:
    """Every list equals the records of its version; one digest stands for one body."""
    bodies: dict[str, bytes] = {}
    expected: dict[int, bool] = {}
    for asked in record.answers:
        cached = asked.served.cached if asked.served else None
        body = cached.body if cached else None
        if cached is None or body is None:
            continue
        if id(body) not in expected:
            uncompressed = record.uncompressed(asked)
            sent = {body.digests.uncompressed: uncompressed, body.digests.gzip: body.gzip}
            for digest, data in sent.items():
                if bodies.setdefault(digest, data) != data:
                    yield f"{asked.name}: two bodies have the digest {digest}"
            scope = asked.served.scope if asked.served else ""
            key = (cached.version.epoch, scope, cached.version.number)
            lists = record.history.lists.get(key, [])
            expected[id(body)] = any(_is_list(uncompressed, rows, asked.view) for rows in lists)
        if not expected[id(body)]:
            yield f"{asked.name}: the list is not that of its version {cached.version}"


def _is_list(uncompressed: bytes, rows: Rows, view: View) -> bool:
    records = [{name: getattr(row[1], name) for name in view.columns} for row in rows]
    return uncompressed == orjson.dumps(records)


def _unanswered(record: Record) -> Iterator[str]:
    """Every caller whose instance lived got an answer, in time."""
    paused = sum(end - begin for begin, end in record.pauses)
    for asked in record.answers:
        if asked.ended is None:
            if asked.process.alive:
                yield f"{asked.name}: a reader got no answer"
        elif asked.ended - asked.began > LONGEST + paused:
            yield f"{asked.name}: an answer took {asked.ended - asked.began:.1f} s"
        elif _is_hit(asked) and asked.ended - asked.began > record.plan.prompt:
            yield f"{asked.name}: a hit took {asked.ended - asked.began:.3f} s"
    for stored in record.writes:
        answered = stored.acknowledged is not None or stored.error is not None
        if stored.process.alive and not answered:
            yield f"{stored.name}: a writer got no answer"


def _is_hit(asked: Asked) -> bool:
    return asked.served is not None and asked.served.outcome is Outcome.MEMORY


def _wrong_errors(record: Record) -> Iterator[str]:
    """503 and stale lists only while SQL is in trouble."""
    names = [track.track_id for stored in record.writes for track in stored.tracks]
    for asked in record.answers:
        stale = asked.served is not None and asked.served.outcome is Outcome.STALE
        troubled = _troubled(record, asked)
        if (asked.error is not None or stale) and not troubled:
            yield f"{asked.name}: {asked.error or 'a stale list'} though SQL was well"
        if stale and record.plan.stale_if_error == 0:
            yield f"{asked.name}: a stale list though they are turned off"
    for stored in record.writes:
        if isinstance(stored.error, AlreadyExists):
            if names.count(stored.tracks[0].track_id) == 1:
                yield f"{stored.name}: told that its own record existed already"
        elif isinstance(stored.error, DatabaseUnavailable) and not (
            record.sql_trouble or record.pauses
        ):
            yield f"{stored.name}: {stored.error!r} though SQL was well"


def _troubled(record: Record, asked: Asked) -> bool:
    """After a failed poll little patience is had with the next one, whenever that is."""
    ended = asked.ended or float("inf")
    patient = LONG_SECONDS if record.plan.sql_slow < PROBE_TIMEOUT / 2 else float("inf")
    windows = [*record.sql_trouble, *record.pauses]
    return any(begin <= ended and asked.began <= end + patient for begin, end in windows)


def _lost_writes(record: Record) -> Iterator[str]:
    """A committed record is never refused; an acknowledged one is there, as it was stored."""
    for stored in record.writes:
        for track in stored.tracks:
            commit = record.history.by_mark.get(track.popularity)
            lost = commit is not None and commit.lost_at < float("inf")
            refused = stored.error is not None and not isinstance(stored.error, OutcomeUnknown)
            if refused and commit is not None and not lost:
                yield f"{stored.name}: refused with {stored.error!r}, but committed"
            if stored.acknowledged is not None and commit is None:
                yield f"{stored.name}: acknowledged, but never committed"
        answer = stored.answer
        if answer is not None and answer.popularity != stored.tracks[0].popularity:
            yield f"{stored.name}: answered with another record"


def _never_cached_again(record: Record) -> Iterator[str]:
    """With all faults over, the last readers of a list find it, as SQL has it."""
    state = record.history.at(float("inf"))
    for asked in record.final:
        served = asked.served
        if served is None or served.cached is None:
            yield f"{asked.name}: {asked.error!r}, though everything works again"
        elif served.cached.version.number != state.versions[served.scope]:
            yield f"{asked.name}: not the newest version, though everything works again"
        elif served.outcome not in HITS and _stays_cached(record.plan):
            yield f"{asked.name}: {served.outcome} for a list that was just read"


def _stays_cached(plan: Plan) -> bool:
    """Whether no list can expire, or leave memory while its shared copy is gone."""
    lasts = plan.ttl > QUIET_SECONDS
    return lasts and (plan.memory_bytes >= ALL_LISTS or (plan.store and plan.memory_bytes == 0))


HITS: Final = {Outcome.MEMORY, Outcome.REDIS}

ALL_LISTS: Final = 10_000
"""Bytes that hold every list of a run."""
