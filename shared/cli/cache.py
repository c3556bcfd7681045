"""`warm`, `purge` and `status`: fill, invalidate and inspect the cached lists."""

import json as json_format
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table

from shared.cli.console import print_error, print_lines, stdout, step_progress
from shared.cli.running import run
from shared.errors import NotFound
from shared.printable import printable

if TYPE_CHECKING:  # imported when a command runs: SQLAlchemy and redis-py take half a second
    from shared.cache.list_states import ScopeState
    from shared.cache.store import Store
    from shared.services import Services

_COLUMNS: Final = (
    "scope",
    "state",
    "version in SQL",
    "known version",
    "stored list",
    "age",
    "left",
    "size",
)

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
    """Fill lists in Redis before a caller asks for them."""
    stored, wanted = _run(lambda services: _warm(services, genres or []))
    if stored < wanted:
        print_error(
            f"In the cache: {stored} of {wanted} lists. Redis refused the others, or they have "
            "changed since. Warm them again."
        )
        raise typer.Exit(1)
    print_lines(f"In the cache: {stored} of {wanted} lists.")


def purge(scope: Scope) -> None:
    """Invalidate a list on every instance and in Redis; the next read fills it again."""
    name = _run(lambda services: _purge(services, scope))
    print_lines(f"The list of {name} is invalid now; the next read fills it again.")


def status(*, json: Json = False) -> None:
    """Show every list: its versions in SQL and in Redis, its age, and its size.

    In the table, `=` stands for SQL's version, `-3` for three less. The circuit is that of this
    command: `open` when Redis cannot be used from here.
    """
    report = _run(_report)
    if json:
        print(json_format.dumps(report, indent=2), flush=True)  # noqa: T201 -- what the caller asked for
        return
    _show(report)


async def _warm(services: "Services", genres: list[str]) -> tuple[int, int]:
    """Fill the lists that are missing in Redis; return how many of how many are stored there.

    Raises NotFound, DatabaseUnavailable, StoreUnavailable.
    """
    store = _shared_store(services)
    await store.ping()
    names = [await _canonical(services, genre) for genre in genres]
    lease = await services.leases.valid_for(services.clock())
    scopes = dict.fromkeys(names or sorted(lease.versions.numbers))
    with step_progress("Warming", len(scopes)) as advance:
        for scope in scopes:
            await services.reader.rebuild(scope)
            advance()
    await services.background.drain()
    states = await _states(services, store, scopes)
    return sum(one.state == "fresh" for one in states), len(scopes)


async def _purge(services: "Services", scope: str) -> str:
    name = await _canonical(services, scope)
    await services.writer.purge([name])
    return name


async def _report(services: "Services") -> dict[str, Any]:
    """Raises DatabaseUnavailable."""
    await services.database.versions()  # the first connection may take longer than a poll may
    lists = await services.status.lists()
    return {**asdict(lists), "circuit": asdict(services.status.process())["circuit"]}


async def _states(
    services: "Services", store: "Store", scopes: Iterable[str]
) -> "list[ScopeState]":
    """Raises DatabaseUnavailable, StoreUnavailable."""
    from shared.cache.list_format import ListFormat
    from shared.cache.list_states import scope_states

    form = ListFormat(services.settings.features_limit)
    return await scope_states(store, form, scopes, services.database.versions)


def _show(report: dict[str, Any]) -> None:
    table = Table(*_COLUMNS, box=None)
    for row in report["lists"]:
        stored = row["stored_list"] or {}
        table.add_row(
            printable(row["scope"]),
            row["state"] or "-",
            str(row["version"]),
            _difference(row["known_version"], row["version"]),
            _difference(stored.get("version"), row["version"]),
            _seconds(stored.get("age_seconds")),
            _seconds(stored.get("seconds_left")),
            _sizes(stored.get("views", {})),
        )
    circuit = "none" if report["circuit"] is None else report["circuit"]["state"]
    print_lines(f"epoch {report['epoch']}   Redis: {report['redis']}   circuit: {circuit}")
    stdout().print(table)


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.0f} s"


def _sizes(views: dict[str, Any]) -> str:
    """Each view's size: `core 100,000 records, 15,599,432 uncompressed, 5,166,258 gzip`."""
    return "; ".join(
        f"{view} {size['records']:,} records, {size['uncompressed_bytes']:,} uncompressed, "
        f"{size['gzip_bytes']:,} gzip"
        for view, size in views.items()
    )


def _difference(number: int | None, in_sql: int) -> str:
    """How a version in Redis differs from SQL's: `=`, `+2`, `-3`, or `-` where there is none."""
    if number is None:
        return "-"
    return "=" if number == in_sql else f"{number - in_sql:+}"


async def _canonical(services: "Services", scope: str) -> str:
    """Return the stored spelling of a genre, or `all`. Raises NotFound."""
    name = await services.reader.scope(scope)
    if name is None:
        raise NotFound(f"There is no genre '{scope}'.")
    return name


def _shared_store(services: "Services") -> "Store":
    from shared.cache.store import NoStore

    if isinstance(services.store, NoStore):
        print_error("There is no Redis to warm: set REDIS_URL.")
        raise typer.Exit(1)
    return services.store


def _run[T](work: "Callable[[Services], Awaitable[T]]") -> T:
    """Raises SettingsError, StoreUnavailable, and ApiErrors of the services."""
    from shared.settings import Settings

    return run(Settings.load(), work)
