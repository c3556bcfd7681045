"""Distributes tests over the processes of pytest-xdist.

The tests of a file run in one process, because they share expensive fixtures; `xdist_group` moves a
test to another group. Tests marked `long` start first, so that no process works alone at the end.
"""

import os

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

SLOWEST_IN_CI = 25


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes ten seconds or more, and begins first")
    if os.environ.get("CI") and config.option.durations is None:
        config.option.durations = SLOWEST_IN_CI


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships without types
    """Gives all tests of a file, or of an `xdist_group`, to one process."""

    def _split_scope(self, nodeid: str) -> str:
        """Return a test's group. Xdist appends `@group` to the id; a parameter may contain an @."""
        _, at, group = nodeid.rpartition("@")
        return group if at and "]" not in group else nodeid.partition("::")[0]
