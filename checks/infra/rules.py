"""Runs all checks of the infrastructure."""

from pathlib import Path

from checks.finding import Finding
from checks.infra import private_network, settings, sources
from checks.infra.snapshots import read


def findings(folder: Path) -> list[Finding]:
    """Return what is wrong with the infrastructure in this folder, which is `infra`."""
    found = list(sources.check(folder.resolve().parent))
    for snapshot in read(folder):
        found += settings.check(snapshot)
        found += private_network.check(snapshot)
    return found
