"""`warm`, `purge` and `status`: the cache, from outside the app."""

import json as json_format
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from shared.cli.console import complain, stdout, step_progress
from shared.cli.running import run
from shared.errors import NotFound

if TYPE_CHECKING:  # imported when a command runs: SQLAlchemy and redis-py take half a second
    from shared.cache.status import ScopeState
    from shared.cache.store import Store
    from shared.repository.versions import Versions
    from shared.services import Services

Scope = Annotated[str, typer.Argument(help="A genre, or 'all'.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the CLI."""
    app.command()(warm)
    app.command()(purge)
    app.command()(status)


def warm(
    genres: Annotated[
        list[str] | None, typer.Argument(help="Genres; none means every list.")
    ] = None,
) -> None:
    """Fill lists in Redis, so that no caller waits for them."""
    stored, wanted = _run(lambda services: _warm(services, genres or []))
    if stored < wanted:
        complain(
            f"In the cache: {stored} of {wanted} lists. Redis refused the others, or they have "
            "changed since. Warm them again."
        )
        raise typer.Exit(1)
    stdout().print(f"In the cache: {stored} of {wanted} lists.")


def purge(scope: Scope) -> None:
    """Have a list made anew everywhere: its version goes up, and every copy of it is void."""
    name = _run(lambda services: _purge(services, scope))
    stdout().print(f"The list of {name} will be made anew by its next reader.")


def status(*, json: Json = False) -> None:
    """Show every list: its versions in SQL and in Redis, its age, its encodings and their bytes.

    The circuit is this command's own: `open` when Redis cannot be used from here.
    """
    report = _run(_report)
    if json:
        print(json_format.dumps(report, indent=2))  # noqa: T201 -- what the caller asked for
        return
    _show(report)


async def _warm(services: "Services", genres: list[str]) -> tuple[int, int]:
    """Read each list once; what is missing is filled by that. How many are stored, and of how many.

    Raises NotFound, DatabaseUnavailable, StoreUnavailable.
    """
    store = _shared_store(services)
    await store.ping()
    names = [await _known(services, genre) for genre in genres]
    lease = await services.leases.serving(services.clock())
    scopes = dict.fromkeys(names or sorted(lease.versions.numbers))
    with step_progress("Warming", len(scopes)) as advance:
        for scope in scopes:
            await services.reader.rebuild(scope)
            advance()
    await services.background.drain()
    now = await services.database.versions()
    of_these = {scope: number for scope, number in now.numbers.items() if scope in scopes}
    states = await _states(services, store, replace(now, numbers=of_these))
    return sum(one.state == "fresh" for one in states), len(scopes)


async def _purge(services: "Services", scope: str) -> str:
    name = await _known(services, scope)
    await services.writer.purge([name])
    return name


async def _report(services: "Services") -> dict[str, Any]:
    from shared.cache.store import NoStore, StoreUnavailable
    from shared.repository.versions import ALL

    versions = await services.database.versions()
    report: dict[str, Any] = {"epoch": versions.epoch, "redis": "not used", "circuit": "none"}
    numbers = sorted(versions.numbers.items(), key=lambda item: (item[0] != ALL, item[0]))
    report["scopes"] = [{"scope": scope, "version": number} for scope, number in numbers]
    if isinstance(services.store, NoStore):
        return report
    try:
        states = await _states(services, services.store, versions)
    except StoreUnavailable:
        return report | {"redis": "down", "circuit": "open"}
    ttl = services.settings.cache_ttl_seconds
    rows = [_row(state, ttl) for state in states]
    return report | {"redis": "up", "circuit": "closed", "scopes": rows}


async def _states(services: "Services", store: "Store", versions: "Versions") -> "list[ScopeState]":
    """Raises StoreUnavailable."""
    from shared.cache.list_format import ListFormat
    from shared.cache.status import scope_states

    return await scope_states(store, ListFormat(services.settings.features_limit), versions)


def _row(state: "ScopeState", ttl: float) -> dict[str, Any]:
    return {
        "scope": state.scope,
        "state": state.state,
        "version": state.in_sql.number,
        "newest_in_redis": state.known and state.known.number,
        "listed_in_redis": state.stored and state.stored.number,
        "age_seconds": round(ttl - state.remaining) if state.stored else None,
        "seconds_left": round(state.remaining) if state.stored else None,
        "bytes": {
            str(view): {"identity": head.length, "gzip": head.packed}
            for view, head in state.heads.items()
        },
    }


def _show(report: dict[str, Any]) -> None:
    table = Table("scope", "state", "version", "G", "K", "age", "left", "bytes", box=None)
    for row in report["scopes"]:
        newest, listed = (_beside(row, name) for name in ("newest_in_redis", "listed_in_redis"))
        age, left = (_seconds(row, name) for name in ("age_seconds", "seconds_left"))
        state = row.get("state", "-")
        version = str(row["version"])
        table.add_row(row["scope"], state, version, newest, listed, age, left, _sizes(row))
    redis = f"Redis: {report['redis']}   circuit: {report['circuit']}"
    stdout().print(f"epoch {report['epoch']}   {redis}")
    stdout().print(table)


def _seconds(row: dict[str, Any], name: str) -> str:
    return "-" if row.get(name) is None else f"{row[name]} s"


def _sizes(row: dict[str, Any]) -> str:
    """Each view's bytes by encoding: `core 15,599,432 identity, 5,166,258 gzip`."""
    return "; ".join(
        f"{view} {', '.join(f'{size:,} {coding}' for coding, size in sizes.items())}"
        for view, sizes in row.get("bytes", {}).items()
    )


def _beside(row: dict[str, Any], name: str) -> str:
    """How far Redis is from SQL's version: `=`, a difference, or `-` for nothing there."""
    number = row.get(name)
    if number is None:
        return "-"
    return "=" if number == row["version"] else f"{number - row['version']:+}"


async def _known(services: "Services", scope: str) -> str:
    """The stored spelling. Raises NotFound."""
    name = await services.reader.scope(scope)
    if name is None:
        raise NotFound(f"There is no genre '{scope}'.")
    return name


def _shared_store(services: "Services") -> "Store":
    from shared.cache.store import NoStore

    if isinstance(services.store, NoStore):
        complain("There is no Redis to warm: set REDIS_URL.")
        raise typer.Exit(1)
    return services.store


def _run[T](work: "Callable[[Services], Awaitable[T]]") -> T:
    from shared.cache.store import StoreUnavailable
    from shared.settings import Settings

    try:
        return run(Settings.load(), work)
    except StoreUnavailable as away:
        complain(f"Redis cannot be used from here: {away}")
        raise typer.Exit(1) from None
