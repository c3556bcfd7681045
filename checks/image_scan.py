"""`python -m checks.image_scan BASE.json IMAGE.json`: what our layers add to the base image.

Compares Grype's reports of both images. A vulnerability of severity High or Critical that has a fix
ends it with status 1 if a layer of ours brought it. What the base image brought is reported, for
Microsoft has to mend that. It uses only the standard library, so that a workflow's runner needs no
packages.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SEVERE: Final = ("Critical", "High")
"""The severities that stop a release, the worst first."""


@dataclass(frozen=True, order=True)
class Vulnerability:
    severity: str
    id: str
    package: str
    version: str
    paths: tuple[str, ...]
    """Where the package lies: a copy of a base package in our layers is another package."""
    fixed_in: str


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m checks.image_scan", description=__doc__)
    parser.add_argument("base", type=Path, help="Grype's JSON report of the base image")
    parser.add_argument("image", type=Path, help="Grype's JSON report of the image built on it")
    given = parser.parse_args(arguments)
    base, image = set(_severe(given.base)), set(_severe(given.image))
    ours = image - base
    sys.stdout.writelines(_report(ours, image & base))
    return 1 if ours else 0


def _severe(report: Path) -> Iterator[Vulnerability]:
    """Yield the severe vulnerabilities of a report that a newer package mends."""
    for match in json.loads(report.read_text("utf-8"))["matches"]:
        found = _vulnerability(match)
        if found.severity in SEVERE and match["vulnerability"]["fix"]["state"] == "fixed":
            yield found


def _vulnerability(match: dict[str, Any]) -> Vulnerability:
    found, package = match["vulnerability"], match["artifact"]
    return Vulnerability(
        severity=found["severity"],
        id=found["id"],
        package=package["name"],
        version=package["version"],
        paths=tuple(sorted(location["path"] for location in package["locations"])),
        fixed_in=", ".join(found["fix"]["versions"]),
    )


def _report(ours: set[Vulnerability], theirs: set[Vulnerability]) -> Iterator[str]:
    """Yield the lines of a page in Markdown."""
    yield "### Vulnerabilities of severity High or Critical that have a fix\n\n"
    if ours:
        yield "Our layers add these. Update the packages (`requirements.txt`, the Dockerfile):\n\n"
        yield from _table(ours)
    else:
        yield "Our layers add none.\n\n"
    if theirs:
        yield "The base image has these. They do not stop the release: Microsoft mends them.\n\n"
        yield from _table(theirs)
    else:
        yield "The base image has none.\n"


def _table(found: Iterable[Vulnerability]) -> Iterator[str]:
    yield "| severity | vulnerability | package | fixed in | where |\n|---|---|---|---|---|\n"
    for one in sorted(found):
        package, where = f"{one.package} {one.version}", ", ".join(one.paths)
        yield f"| {one.severity} | {one.id} | {package} | {one.fixed_in} | {where} |\n"
    yield "\n"


if __name__ == "__main__":
    sys.exit(main())
