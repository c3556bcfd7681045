"""Removes the settings of the user's shell: each test sets what it needs."""

import os

import pytest

from shared.settings import Settings


def pytest_configure(config: pytest.Config) -> None:
    del config
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
