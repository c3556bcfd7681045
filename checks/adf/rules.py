"""All that is checked of a factory."""

from pathlib import Path

from checks.adf import flow, models, procedures, references, scopes, secrets, staging
from checks.adf.resources import read
from checks.finding import Finding


def findings(folder: Path) -> list[Finding]:
    """What is wrong with the factory in this folder, by file; nothing, if all is well.

    Where the models find faults, the other checks wait: they count on the shapes.
    """
    factory, found = read(folder)
    if not factory.resources:
        return [*found, Finding(str(folder), "", "holds no factory")]
    found += models.check(factory)
    if not found:
        for check in (references, flow, scopes, secrets, staging, procedures):
            found += check.check(factory)
    return sorted(found, key=lambda finding: (finding.file, finding.path))
