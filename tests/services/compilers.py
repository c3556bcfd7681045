"""Compilers that check files as Azure would; without one, the tests that take it are skipped."""

import pytest

from checks.programs import BICEP, KQL_PARSER
from tests.services.required_service import required_service


@pytest.fixture(scope="session")
def bicep() -> str:
    """The path of Bicep's compiler."""
    if BICEP.missing:
        pytest.skip(BICEP.missing)
    return BICEP.path()


@pytest.fixture(scope="session")
def kql_parser() -> str:
    """The folder of Microsoft's parser of KQL."""
    with required_service():
        return KQL_PARSER.path()
