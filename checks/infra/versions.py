"""No API version is so new that a region may not have it yet; Bicep's linter finds the old ones."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from checks.finding import Finding
from checks.infra.snapshots import Snapshot

YOUNGEST: Final = timedelta(days=180)


def check(snapshot: Snapshot, today: date | None = None) -> Iterator[Finding]:
    """Yield a finding for each type whose API version is younger than half a year."""
    latest = (today or datetime.now(UTC).date()) - YOUNGEST
    versions = {(found.type, found.body["apiVersion"]) for found in snapshot.resources}
    for kind, version in sorted(versions):
        if date.fromisoformat(version[:10]) > latest:
            message = f"{version} is younger than half a year: a region may not know it yet"
            yield Finding(snapshot.file, kind, message)
