"""Runs all checks of the infrastructure."""

from pathlib import Path

from checks.finding import Finding
from checks.infra import sources


def findings(folder: Path) -> list[Finding]:
    """Return what is wrong with the infrastructure in this folder, which is `infra`."""
    return list(sources.check(folder.resolve().parent))
