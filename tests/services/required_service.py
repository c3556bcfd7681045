"""Skips the tests of a service whose program is missing; in CI they fail.

The last lines of a run list the tests that were not run, why, and the command that installs the
program.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.programs import MissingProgramError

_SKIPPED = "Skipped: "
"""What pytest puts in front of a reason."""


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
    """Print a line for each reason, with the number of its tests."""
    reports = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(map(_reason, reports)).items():
        terminalreporter.write_line(f"NOT RUN: {count} tests: {reason}")


def _reason(report: pytest.TestReport) -> str:
    """Return the reason on one line; a skip's report has (file, line, reason)."""
    assert isinstance(report.longrepr, tuple)
    return " ".join(report.longrepr[2].removeprefix(_SKIPPED).split())
