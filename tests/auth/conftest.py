"""Long timeouts: a test that measures how fast an answer comes sets its own."""

import pytest

from tests.services.long_timeouts import use_long_timeouts


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    use_long_timeouts(monkeypatch.setattr)
