"""Long timeouts: a test that measures how fast an answer comes sets its own."""

import pytest

from tests.services.patience import be_patient


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch.setattr)
