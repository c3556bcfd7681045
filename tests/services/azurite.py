"""`azurite`: Microsoft's emulator of blob storage."""

from collections.abc import Iterator

import pytest

from local.services import start_azurite
from tests.services.required_service import required_service


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of an empty blob storage, held in memory."""
    with required_service():
        emulator = start_azurite(tmp_path_factory.mktemp("azurite")).wait()
    with emulator.process:
        yield emulator.address
