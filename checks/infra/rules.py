"""All that is checked of the infrastructure."""

from pathlib import Path

from checks.finding import Finding
from checks.infra import modules, names, resources
from checks.infra.template import read


def findings(folder: Path) -> list[Finding]:
    """What is wrong with the Bicep files below this folder; nothing, if all is well."""
    templates, found = read(folder)
    if not templates:
        return [*found, Finding(str(folder), "", "holds no Bicep")]
    found += names.check(templates)
    found += modules.check(templates)
    found += resources.check(templates)
    return sorted(found, key=lambda finding: (finding.file, finding.path))
