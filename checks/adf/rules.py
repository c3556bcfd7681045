"""Runs all checks of a factory."""

from pathlib import Path

from checks.adf import flow, procedures, references, scopes, secrets, staging, values
from checks.adf.resources import read
from checks.finding import Finding


def findings(folder: Path) -> list[Finding]:
    """Return the faults of the factory in this folder, sorted by file."""
    factory, found = read(folder)
    if not factory.resources:
        return [*found, Finding(str(folder), "", "holds no factory")]
    for check in (references, flow, scopes, secrets, staging, procedures, values):
        try:
            found += check.check(factory)
        except (AttributeError, KeyError, TypeError) as error:
            what = f"{check.__name__} stopped at a value of the wrong type ({error})"
            found.append(Finding("", "", f"{what}: `python -m checks.adf.compiled` says where"))
    return sorted(found, key=lambda finding: (finding.file, finding.path))
