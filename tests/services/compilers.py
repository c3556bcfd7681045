"""Compilers that check files as Azure would; without one, the tests that take it are skipped."""

import pytest

from checks.programs import BICEP
from tests.services.required_service import required_service


@pytest.fixture(scope="session")
def bicep() -> str:
    """The path of Bicep's compiler."""
    with required_service():
        BICEP.path()
    return str(BICEP.find())
