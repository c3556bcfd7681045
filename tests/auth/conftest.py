"""What is asked here is not how fast a service answers; a test that asks sets the bound itself."""

import pytest

from tests.services.long_timeouts import use_long_timeouts


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    use_long_timeouts(monkeypatch.setattr)
