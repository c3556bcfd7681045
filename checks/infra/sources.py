"""The files that a snapshot is made of, and their digests, stored beside the snapshots.

A machine without Bicep notices by them that a file changed after the snapshots were written.
"""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from checks.finding import Finding

DIGESTS: Final = "infra/snapshots/sources.sha256"
PATTERNS: Final = (
    *("infra/**/*.bicep", "infra/**/*.bicepparam", "infra/**/*.kql", "infra/*.json"),
    "infra/modules/*.yaml",
    "adf/*/*.json",
)


def write(root: Path) -> None:
    """Store the digests, in the form that `sha256sum --check` reads."""
    lines = [f"{digest}  {name}\n" for name, digest in _digests(root).items()]
    (root / DIGESTS).write_text("".join(lines), "utf-8")


def check(root: Path) -> Iterator[Finding]:
    """Yield a finding for each file that the snapshots do not show as it is."""
    stored, current = _stored(root), _digests(root)
    for name in sorted({*stored, *current}):
        if stored.get(name) != current.get(name):
            yield Finding(name, "", "changed after the snapshots; run `make snapshot`")


def _digests(root: Path) -> Mapping[str, str]:
    files = sorted(set(chain.from_iterable(root.glob(pattern) for pattern in PATTERNS)))
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _stored(root: Path) -> Mapping[str, str]:
    lines = (root / DIGESTS).read_text("utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
