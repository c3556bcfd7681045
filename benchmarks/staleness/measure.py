"""Plays a phase with a contender, waits for what its end would mend, and counts."""

import time
from pathlib import Path
from typing import Any

import redis

from benchmarks.staleness.callers import Callers, warm_up
from benchmarks.staleness.contenders import Access, Contender
from benchmarks.staleness.history import History
from benchmarks.staleness.instances import Pair, running_pair
from benchmarks.staleness.judge import judge
from benchmarks.staleness.phases import Phase
from benchmarks.staleness.records import genres
from benchmarks.staleness.results import Row
from benchmarks.staleness.stage import TURNS, Stage, Timing


def measure(
    contender: Contender, phase: Phase, template: Path, access: Access, timing: Timing
) -> Row:
    """Play a phase with two fresh instances, an empty Redis and a copy of the database."""
    history, names = History(), genres(template)
    with running_pair(contender.start, template, access.settings, access.headers) as pair:
        warm_up(pair, names[0])
        with Callers(pair, history, names[0]) as callers:
            callers.take_turns(TURNS)
            stage = Stage(pair, callers, history, timing, names, contender.empties_every_list)
            phase.play(stage)
        return _row(contender, phase, stage, *_settled(stage))


def _settled(stage: Stage) -> tuple[set[str], int | None]:
    """Return the records that lists lack for good, and when the first list would expire.

    While nothing writes or reads, only what a contender does in the background can mend a list;
    it has `silence` seconds for it.
    """
    if stage.lacking():
        time.sleep(stage.timing.silence)
    missing = stage.lacking() | stage.wrong_until_write
    return missing, _first_expiry(stage.pair) if missing else None


def _first_expiry(pair: Pair) -> int | None:
    with redis.Redis.from_url(pair.redis.url) as client:
        lives: list[Any] = [client.ttl(key) for key in client.scan_iter()]
        return min((int(life) for life in lives if life >= 0), default=None)


def _row(
    contender: Contender, phase: Phase, stage: Stage, missing: set[str], expires_in: int | None
) -> Row:
    history, stored = stage.history, stage.pair.stored()
    verdict = judge(history.reads, history.writes)
    acknowledged = [write for write in history.writes if write.acknowledged is not None]
    told = {write.track_id for write in acknowledged}
    return Row(
        contender=contender.key,
        phase=phase.key,
        reads=verdict.reads,
        stale=verdict.stale,
        longest=round(verdict.longest, 3),
        rounds=max(1, stage.rounds),
        stays=len({write.genre for write in acknowledged if write.track_id in missing}),
        never_shown=len(missing - told),
        expires_in=expires_in,
        acknowledged=len(told),
        lost=len(told - stored),
        failed_reads=verdict.failed,
        failed_writes=len(history.writes) - len(told),
    )
