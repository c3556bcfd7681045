"""The real cache on a controlled scheduler, schedule by schedule.

    make test ARGS=tests/simulation                          what `make test` runs
    SIMULATION_SCHEDULES=1000000 make test ARGS=tests/simulation      the long mode
    SIMULATION_SEED=123 make test ARGS='tests/simulation -k one_seed -s'     one schedule, told

With SIMULATION_SHRINK=1 the one schedule is first cut down to what breaks the promise.
"""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Final

import pytest

from local.hosted import REPOSITORY
from tests.simulation.campaign import judge, told
from tests.simulation.families import plan_of
from tests.simulation.oracle import violations
from tests.simulation.run import run
from tests.simulation.shrink import shrunk

SCHEDULES: Final = int(os.environ.get("SIMULATION_SCHEDULES", "20000"))
SHARES: Final = 16
"""Each is run by one process of pytest-xdist (tests/services/xdist_scheduling.py)."""

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    "share",
    [pytest.param(n, marks=pytest.mark.xdist_group(f"schedules {n}")) for n in range(SHARES)],
)
def test_no_schedule_breaks_the_promise(share: int) -> None:
    broken = judge(range(share, SCHEDULES, SHARES))
    assert not broken, "\n".join(
        [
            f"{len(broken)} of {len(range(share, SCHEDULES, SHARES))} schedules broke the promise:",
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


def test_a_schedule_is_the_same_in_every_process() -> None:
    """Sets and hashes have another order there."""
    seeds = range(40)
    code = f"from tests.simulation.campaign import told; print(*map(told, {seeds}))"
    there = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert there.stdout.split() == [told(seed) for seed in seeds]
