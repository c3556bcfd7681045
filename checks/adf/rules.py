"""Runs all checks of a factory."""

from pathlib import Path

from checks.adf import flow, models, procedures, references, scopes, secrets, staging
from checks.adf.resources import read
from checks.finding import Finding


def findings(folder: Path) -> list[Finding]:
    """Return the faults of the factory in this folder, sorted by file.

    If a resource does not fit its model, the other checks are skipped: they rely on the models.
    """
    factory, found = read(folder)
    if not factory.resources:
        return [*found, Finding(str(folder), "", "holds no factory")]
    found += models.check(factory)
    if not found:
        for check in (references, flow, scopes, secrets, staging, procedures):
            found += check.check(factory)
    return sorted(found, key=lambda finding: (finding.file, finding.path))
