"""The race: both sides get the same load, and the same faults at the same moments."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from benchmarks.demo.side import Side
from benchmarks.staleness.callers import Callers, Ticker, warm_up
from benchmarks.staleness.phases import PAIR_SECONDS, hold_invalidations
from benchmarks.staleness.stage import TURNS, WRITE_EVERY

SECONDS: Final = 20.0
TICK_SECONDS: Final = 0.25
PAIRS: Final = 9


@dataclass(frozen=True, slots=True)
class Event:
    """`at` is a share of the race's time; one that only repeats the last has no text."""

    at: float
    text: str
    happen: Callable[["Race"], None]


@dataclass(frozen=True, slots=True)
class Said:
    """What happened at this second."""

    second: float
    text: str


class Race:
    """Runs the events; `tick` is called several times a second."""

    def __init__(self, sides: Sequence[Side], genre: str, seconds: float = SECONDS) -> None:
        self.sides, self.seconds = sides, seconds
        self.said: list[Said] = []
        self._genre = genre
        self.began = 0.0
        self._callers: dict[str, Callers] = {}
        self._tickers = ExitStack()

    @property
    def second(self) -> float:
        return time.monotonic() - self.began

    def run(self, tick: Callable[[], None]) -> None:
        """Run until the end; every read and write has ended then."""
        with ExitStack() as running:
            for side in self.sides:
                warm_up(side.pair, self._genre)
                callers = Callers(side.pair, side.history, self._genre)
                self._callers[side.title] = running.enter_context(callers)
            for callers in self._callers.values():
                callers.take_turns(TURNS)
            self.began = time.monotonic()
            running.enter_context(self._tickers)
            for event in EVENTS:
                self._wait_until(event.at * self.seconds, tick)
                if event.text:
                    self.said.append(Said(self.second, event.text))
                event.happen(self)
            tick()

    def _wait_until(self, second: float, tick: Callable[[], None]) -> None:
        while (left := second - self.second) > 0:
            time.sleep(min(left, TICK_SECONDS))
            tick()

    def start_writing(self) -> None:
        for side, callers in self._each():
            self._tickers.enter_context(Ticker(callers, side.pair.instances, WRITE_EVERY))

    def stop_writing(self) -> None:
        self._tickers.close()

    def freeze_redis(self) -> None:
        for side in self.sides:
            side.pair.redis.freeze()

    def thaw_redis(self) -> None:
        for side in self.sides:
            side.pair.redis.thaw()

    def kill_an_instance(self) -> None:
        for side in self.sides:
            side.pair.instances[1].kill()
            side.pair.instances[1].restart()

    def write_a_pair(self) -> None:
        """Write at one instance and at once at the other."""
        for number in (0, 1):
            for side, callers in self._each():
                callers.write(side.pair.instances[number])
            time.sleep(PAIR_SECONDS / 2)

    def kill_before_invalidation(self) -> None:
        """Kill an instance when SQL has its record and Redis does not take its invalidation."""
        with ExitStack() as held:
            for side in self.sides:
                held.enter_context(hold_invalidations(side.pair.redis))
            for side, callers in self._each():
                callers.write_and_kill(side.pair.instances[0])
        for side in self.sides:
            side.pair.instances[0].restart()

    def end(self) -> None:
        """The last event: nothing more happens."""

    def _each(self) -> Iterator[tuple[Side, Callers]]:
        for side in self.sides:
            yield side, self._callers[side.title]


def _pairs() -> Iterator[Event]:
    for number in range(PAIRS):
        text = "" if number else f"two writes within 10 ms, then silence, {PAIRS} times"
        yield Event(0.55 + 0.03 * number, text, Race.write_a_pair)


EVENTS: Final = (
    Event(0.0, "a record is written every 100 ms", Race.start_writing),
    Event(0.2, "Redis stopped", Race.freeze_redis),
    Event(0.3, "Redis goes on", Race.thaw_redis),
    Event(0.4, "an instance killed, and started again", Race.kill_an_instance),
    Event(0.53, "the regular writes end", Race.stop_writing),
    *_pairs(),
    Event(
        0.83, "an instance killed after a commit, before its answer", Race.kill_before_invalidation
    ),
    Event(1.0, "the end", Race.end),
)
