"""Writes each snapshot as a template that checkov can read, with the rules that comments skip.

`python -m checks.infra.scannable FOLDER`. Checkov's own parser skips a file if Bicep's formatter
wrote what it cannot parse, and it does not know what a condition makes of a value.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
RESOURCE: Final = re.compile(r"^resource \w+ '([^@']+)@.*\n((?: *//.*\n)+)", re.MULTILINE)
SKIP: Final = re.compile(r"// checkov:skip=(\w+):(.+)")

type Skips = Mapping[str, Sequence[Mapping[str, str]]]


def skips(infra: Path) -> Skips:
    """Return, for each type of resource in lower case, the rules that it skips and why."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for path in sorted(infra.rglob("*.bicep")):
        for kind, rule, reason in _skips(path.read_text("utf-8")):
            found.setdefault(kind.lower(), []).append({"id": rule, "comment": reason})
    return found


def _skips(text: str) -> Iterator[tuple[str, str, str]]:
    for resource in RESOURCE.finditer(text):
        for rule, reason in SKIP.findall(resource[2]):
            yield resource[1], rule, reason


def template(snapshot: Mapping[str, Any], skipped: Skips) -> Mapping[str, Any]:
    """Return a snapshot as a template of its final resources."""
    resources = [
        {**found, "metadata": {"checkov": skipped.get(found["type"].lower(), [])}}
        for found in snapshot["predictedResources"]
    ]
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}


def write(infra: Path, folder: Path) -> None:
    """Write the template of each snapshot into the folder, and remove what was there before."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for path in (infra / "snapshots").glob("*.snapshot.json"):
        written = template(json.loads(path.read_text("utf-8")), skips(infra))
        (folder / path.name).write_text(json.dumps(written, indent=2), "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m checks.infra.scannable", description=__doc__)
    parser.add_argument("folder", type=Path)
    write(Path("infra"), parser.parse_args().folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
