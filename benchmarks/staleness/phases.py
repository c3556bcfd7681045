"""The phases: what happens to the instances and to Redis while callers read and write."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import redis

from benchmarks.staleness.stage import Stage
from local.redis_server import RedisServer

PAIR_SECONDS: Final = 0.01
PAUSE_MS: Final = 120_000
"""Longer than any commit takes."""


@dataclass(frozen=True, slots=True)
class Phase:
    """`key` is its name in the JSON, `title` its name on the pages."""

    key: str
    title: str
    play: Callable[[Stage], None]


@contextmanager
def hold_invalidations(server: RedisServer) -> Iterator[None]:
    """Let Redis keep every command that writes waiting, as during a failover (CLIENT PAUSE).

    It answers reads meanwhile, and drops the waiting commands of a connection that ends.
    """
    with redis.Redis.from_url(server.url) as client:
        client.client_pause(PAUSE_MS, all=False)
        try:
            yield
        finally:
            client.client_unpause()


def _calm(stage: Stage) -> None:
    with stage.writing(*stage.pair.instances):
        stage.wait_until(stage.timing.seconds)


def _redis_stopped(stage: Stage) -> None:
    _with_a_fault(stage, stage.pair.redis.freeze, stage.pair.redis.thaw)


def _redis_killed(stage: Stage) -> None:
    _with_a_fault(stage, stage.pair.redis.kill, stage.pair.redis.restart)


def _with_a_fault(stage: Stage, begin: Callable[[], object], end: Callable[[], object]) -> None:
    """Write at both instances; a fault begins and ends meanwhile."""
    with stage.writing(*stage.pair.instances):
        stage.wait_until(stage.timing.fault_from)
        begin()
        stage.wait_until(stage.timing.fault_until)
        end()
        stage.wait_until(stage.timing.seconds)


def _instance_killed(stage: Stage) -> None:
    """Writes go on at both: those at the dead instance fail."""
    _, other = stage.pair.instances
    with stage.writing(*stage.pair.instances):
        stage.wait_until(stage.timing.fault_from)
        other.kill()
        other.restart()
        stage.wait_until(stage.timing.seconds)
    other.wait()


def _redis_away(stage: Stage) -> None:
    """Every write is at one instance, and the last one while Redis is away."""
    with stage.writing(stage.pair.instances[0]):
        stage.wait_until(stage.timing.fault_from)
        stage.pair.redis.kill()
        stage.wait_until(stage.timing.fault_until)
    stage.pair.redis.restart()
    stage.wait_until(stage.timing.seconds)


def _deaths(stage: Stage) -> None:
    """Kill an instance when SQL has its record and Redis does not take its invalidation."""
    for number in range(stage.timing.deaths):
        genre, victim = stage.new_round(), stage.pair.instances[number % 2]
        with hold_invalidations(stage.pair.redis):
            stage.callers.write_and_kill(victim)
        victim.restart()
        victim.wait()
        stage.end_round(genre)


def _pairs(stage: Stage) -> None:
    """Write at one instance and within 10 ms at the other, then leave the list alone."""
    gaps = random.Random(1)
    for number in range(stage.timing.pairs):
        genre = stage.new_round()
        first, second = stage.pair.instances[:: 1 if number % 2 else -1]
        one = stage.callers.write(first)
        time.sleep(gaps.uniform(0, PAIR_SECONDS))
        two = stage.callers.write(second)
        one.answered.result()
        two.answered.result()
        stage.end_round(genre)


def _kills_after_201(stage: Stage) -> None:
    """Kill an instance as soon as its 201 has arrived."""
    for number in range(stage.timing.kills):
        genre, victim = stage.new_round(), stage.pair.instances[number % 2]
        stage.callers.write(victim).answered.result()
        victim.kill()
        stage.callers.take_turns(1)
        victim.restart()
        victim.wait()
        stage.end_round(genre)


PHASES: Final = (
    Phase("calm", "calm", _calm),
    Phase("redis_stopped", "Redis stopped, goes on after 3 s", _redis_stopped),
    Phase("redis_killed", "Redis killed, back and empty after 3 s", _redis_killed),
    Phase("instance_killed", "an instance killed and started again", _instance_killed),
    Phase("redis_away", "every write at one instance while Redis is away", _redis_away),
    Phase("deaths", "dies between commit and invalidation", _deaths),
    Phase("pairs", "two writes within 10 ms, then silence", _pairs),
    Phase("kills_after_201", "killed right after the 201", _kills_after_201),
)
