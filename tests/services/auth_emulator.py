"""`auth_emulator`: the Firebase Auth emulator."""

from collections.abc import Iterator

import pytest

from local.services import start_auth_emulator
from tests.services.required_service import required_service


@pytest.fixture(scope="session")
def auth_emulator() -> Iterator[str]:
    """host:port of an emulator, without users at first; its project is local.services.AUTH_PROJECT.

    All tests of a session share it, so each creates users with new addresses.
    """
    with required_service():
        emulator = start_auth_emulator().wait()
    with emulator.process:
        yield emulator.address
