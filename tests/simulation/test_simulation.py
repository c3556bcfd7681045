"""The real cache on a controlled scheduler, schedule by schedule.

    make test ARGS=tests/simulation                          what `make test` runs
    SIMULATION_SCHEDULES=1000000 make test ARGS=tests/simulation      the long mode
    SIMULATION_SEED=123 make test ARGS='tests/simulation -k one_seed -s'     one schedule, told

With SIMULATION_SHRINK=1 the one schedule is first cut down to what breaks the promise.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Final

from tests.simulation.campaign import judge, told
from tests.simulation.families import plan_of
from tests.simulation.oracle import violations
from tests.simulation.run import run
from tests.simulation.shrink import shrunk

SCHEDULES: Final = int(os.environ.get("SIMULATION_SCHEDULES", "20000"))
PORTION: Final = 250


def test_no_schedule_breaks_the_promise(simulations: ProcessPoolExecutor) -> None:
    portions = [
        range(first, min(first + PORTION, SCHEDULES)) for first in range(0, SCHEDULES, PORTION)
    ]
    broken = [verdict for part in simulations.map(judge, portions) for verdict in part]
    assert not broken, "\n".join(
        [
            f"{len(broken)} of {SCHEDULES} schedules broke the promise:",
            *(str(verdict) for verdict in broken[:20]),
            f"SIMULATION_SEED={broken[0].seed} pytest tests/simulation -k one_seed -s",
        ]
    )


if "SIMULATION_SEED" in os.environ:

    def test_one_seed() -> None:
        plan, luck = plan_of(int(os.environ["SIMULATION_SEED"])), 0
        if os.environ.get("SIMULATION_SHRINK"):
            plan, luck = shrunk(plan)
        record, lines = run(plan, luck=luck, trace=True)
        sys.stdout.write("\n".join([repr(replace(plan, actions=())), *lines, ""]))
        assert not violations(record)


def test_a_schedule_is_the_same_every_time(simulations: ProcessPoolExecutor) -> None:
    seeds = range(40)
    here = [told(seed) for seed in seeds]
    assert list(simulations.map(told, seeds)) == here
