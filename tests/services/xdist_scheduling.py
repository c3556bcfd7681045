"""How tests are shared among processes, when pytest-xdist has several.

The tests of one file run in one process, since they share what is expensive; `xdist_group` puts
them elsewhere. What takes long begins first, so that no process works alone at the end.
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
    """Gives a process the tests of a whole file, or of a whole `xdist_group`."""

    def _split_scope(self, nodeid: str) -> str:
        """Xdist ends the name of a test with @ and its group; a parameter may hold an @ too."""
        _, at, group = nodeid.rpartition("@")
        return group if at and "]" not in group else nodeid.partition("::")[0]
