"""The oracle is proven: each rule of the protocol that is left out is caught."""

from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Final

import pytest

from tests.simulation.campaign import Verdict, catch
from tests.simulation.mutants import MUTANTS

MOST: Final = 1500
"""Schedules of the mutant's families in the order of their seeds; `make test` runs them all."""

type Hunt = Future[tuple[int, Verdict | None]]


@pytest.fixture(scope="module")
def hunts(simulations: ProcessPoolExecutor) -> Mapping[str, Hunt]:
    return {
        name: simulations.submit(catch, name, mutant.families, MOST)
        for name, mutant in MUTANTS.items()
    }


@pytest.mark.parametrize("name", MUTANTS)
def test_the_oracle_catches(name: str, hunts: Mapping[str, Hunt]) -> None:
    schedules, verdict = hunts[name].result()
    assert verdict is not None, f"{name} survived {schedules} schedules"
