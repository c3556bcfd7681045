"""The oracle is proven: each rule of the protocol that is left out is caught."""

from typing import Final

import pytest

from tests.simulation.campaign import catch
from tests.simulation.mutants import MUTANTS

MOST: Final = 1500
"""Schedules of the mutant's families in the order of their seeds; `make test` runs them all."""


@pytest.mark.parametrize("name", MUTANTS)
def test_the_oracle_catches(name: str) -> None:
    schedules, verdict = catch(name, MUTANTS[name].families, MOST)
    assert verdict is not None, f"{name} survived {schedules} schedules"
