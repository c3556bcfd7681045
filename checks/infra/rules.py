"""Runs all checks of the infrastructure."""

from pathlib import Path

from checks.finding import Finding
from checks.infra import modules, names, resources
from checks.infra.template import read


def findings(folder: Path) -> list[Finding]:
    """Return the faults of the Bicep files in this folder, sorted by file."""
    templates, found = read(folder)
    if not templates:
        return [*found, Finding(str(folder), "", "holds no Bicep")]
    found += names.check(templates)
    found += modules.check(templates)
    found += resources.check(templates)
    return sorted(found, key=lambda finding: (finding.file, finding.path))
