"""Many schedules at once: what a worker process of the tests does."""

import gc
import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

import pytest

from tests.simulation.families import family_of, plan_of
from tests.simulation.loop import StuckError
from tests.simulation.mutants import MUTANTS
from tests.simulation.oracle import violations
from tests.simulation.plan import Plan
from tests.simulation.run import run

RUNS_PER_COLLECTION: Final = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """A schedule that broke the promise, and how."""

    seed: int
    family: str
    broken: tuple[str, ...]

    def __str__(self) -> str:
        return f"seed {self.seed} ({self.family}): {self.broken[0]}"


def judge(seeds: Iterable[int]) -> list[Verdict]:
    """The schedules among these that break the promise."""
    return [verdict for seed in _cheaply(seeds) if (verdict := _judged(plan_of(seed)))]


def catch(mutant: str, families: Sequence[str], most: int) -> tuple[int, Verdict | None]:
    """How many schedules of the families it took to catch the mutant; None after `most`."""
    seeds = (seed for seed in count() if not families or family_of(seed) in families)
    with pytest.MonkeyPatch.context() as patch:
        MUTANTS[mutant].apply(patch)
        for number, seed in enumerate(_cheaply(islice(seeds, most)), start=1):
            verdict = _judged(plan_of(seed))
            if verdict is not None:
                return number, verdict
    return most, None


def broken_by(plan: Plan, luck: int = 0) -> tuple[str, ...]:
    try:
        record, _ = run(plan, luck=luck)
    except StuckError as error:
        return (str(error),)
    return tuple(violations(record))


def told(seed: int) -> str:
    """A digest of all that happens in a schedule."""
    _, lines = run(plan_of(seed), trace=True)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _judged(plan: Plan) -> Verdict | None:
    broken = broken_by(plan)
    return Verdict(plan.seed, plan.family, broken) if broken else None


def _cheaply(seeds: Iterable[int]) -> Iterable[int]:
    """Yield the seeds without the costs that would slow their runs down.

    A run leaves cycles of objects, and asyncio walks all its tasks that were not collected. So
    they are collected after every few runs, and the collector skips what existed before (freeze).
    Logging is off, because pytest would keep every record until the test ends.
    """
    was_enabled, disabled = gc.isenabled(), logging.root.manager.disable
    gc.disable()
    gc.freeze()
    logging.disable()
    try:
        for number, seed in enumerate(seeds):
            if number % RUNS_PER_COLLECTION == 0:
                gc.collect()
            yield seed
    finally:
        logging.disable(disabled)
        gc.unfreeze()
        if was_enabled:
            gc.enable()
