"""`auth_emulator`: the real Firebase Auth emulator."""

from collections.abc import Iterator

import pytest

from local.services import start_auth_emulator
from tests.services.required_service import required_service


@pytest.fixture(scope="session")
def auth_emulator() -> Iterator[str]:
    """host:port of an emulator with no users in it; its project is local.services.AUTH_PROJECT.

    One for the session: a test tells its users apart by their addresses.
    """
    with required_service():
        emulator = start_auth_emulator().wait()
    with emulator.process:
        yield emulator.address
