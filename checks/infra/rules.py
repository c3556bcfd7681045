"""Runs all checks of the infrastructure."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from checks.finding import Finding
from checks.infra import (
    alerts,
    app,
    data_factory,
    diagnostics,
    factory_order,
    names,
    outputs,
    private_network,
    redis,
    references,
    roles,
    settings,
    sign_in,
    sources,
    sql,
    vault,
    versions,
)
from checks.infra.snapshots import Snapshot, read


def findings(infra: Path) -> list[Finding]:
    """Return what is wrong with the infrastructure in this folder."""
    found = [*sources.check(infra.resolve().parent), *factory_order.check(infra)]
    for snapshot in read(infra):
        found += of_snapshot(snapshot, infra)
    return found


def of_snapshot(snapshot: Snapshot, infra: Path) -> Iterator[Finding]:
    """Yield what is wrong with one environment."""
    for checks in (
        *(names, references, outputs, roles, sign_in, diagnostics, versions),
        *(app, settings, redis, sql, data_factory, private_network),
    ):
        yield from _tried(checks.check, snapshot)
    for check in (vault.check, alerts.check):
        yield from _tried(partial(check, infra=infra), snapshot)


def _tried(check: Callable[[Snapshot], Iterator[Finding]], snapshot: Snapshot) -> Iterator[Finding]:
    """Run a check; a resource or property that it reads and that is missing is a finding."""
    try:
        yield from check(snapshot)
    except LookupError as missing:
        yield Finding(snapshot.file, "", f"cannot be checked, because there is no {missing}")
