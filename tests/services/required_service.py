"""What a missing program means: tests that are left out on a laptop, a failure in CI.

The last lines of a run say what was left out, why, and the command that installs it.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.programs import MissingProgramError

_SKIPPED = "Skipped: "
"""What pytest puts before a reason."""


@contextmanager
def required_service() -> Iterator[None]:
    """Turn MissingProgramError into a skip, or into a failure when CI is set."""
    try:
        yield
    except MissingProgramError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have every service: {error}", pytrace=False)
        pytest.skip(str(error))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each reason, with the number of its tests."""
    reports = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(map(_reason, reports)).items():
        terminalreporter.write_line(f"NOT RUN: {count} tests: {reason}")


def _reason(report: pytest.TestReport) -> str:
    """On one line; a report of a skip holds (file, line, reason)."""
    assert isinstance(report.longrepr, tuple)
    return " ".join(report.longrepr[2].removeprefix(_SKIPPED).split())
