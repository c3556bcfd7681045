"""Settings refer to secrets of the vault that infra/secrets.sh stores."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from checks.finding import Finding
from checks.infra.app import SLOTS
from checks.infra.facts import Fact, broken
from checks.infra.settings import settings_of
from checks.infra.snapshots import Snapshot

_REFERENCE: Final = "@Microsoft.KeyVault("
_STORED: Final = re.compile(r"^ *store ([\w-]+) ", re.MULTILINE)


def check(snapshot: Snapshot, infra: Path) -> Iterator[Finding]:
    """Yield a finding for each reference that cannot be resolved."""
    stored = set(_STORED.findall((infra / "secrets.sh").read_text("utf-8")))
    for kind in SLOTS:
        yield from broken(snapshot.file, _references(snapshot, kind, stored))


def _references(snapshot: Snapshot, kind: str, stored: set[str]) -> Iterator[Fact]:
    vault = snapshot.the("Microsoft.KeyVault/vaults").name
    begin, end = f"{_REFERENCE}SecretUri={{{vault}.vaultUri}}secrets/", "/)"
    named = set()
    for name, value in settings_of(snapshot, kind).items():
        if value.startswith(_REFERENCE):
            secret = value.removeprefix(begin).rstrip(end)
            because = "a reference without a version ends with a slash"
            yield Fact(f"{kind}.{name}", value, f"{begin}{secret}{end}", because)
            named.add(secret)
    yield Fact(f"{kind}: secrets", sorted(named), sorted(stored), "infra/secrets.sh stores these")
