"""Runs all checks of the infrastructure."""

from itertools import chain
from pathlib import Path

from checks.finding import Finding
from checks.infra import private_network, sources
from checks.infra.snapshots import read


def findings(folder: Path) -> list[Finding]:
    """Return what is wrong with the infrastructure in this folder, which is `infra`."""
    networks = (private_network.check(snapshot) for snapshot in read(folder))
    return [*sources.check(folder.resolve().parent), *chain.from_iterable(networks)]
