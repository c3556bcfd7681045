"""`warm`, `purge` and `status`: the cache, from outside the app."""

import json as json_format
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from shared.cli.console import complain, stdout, step_progress
from shared.cli.running import run
from shared.errors import NotFound

if TYPE_CHECKING:  # imported when a command runs: SQLAlchemy and redis-py take half a second
    from shared.catalog.survey import ScopeState
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
    filled = _run(lambda services: _warm(services, genres or []))
    stdout().print(f"{filled} lists are in the cache.")


def purge(scope: Scope) -> None:
    """Have a list made anew everywhere: its version goes up, and every copy of it is void."""
    name = _run(lambda services: _purge(services, scope))
    stdout().print(f"The list of {name} will be made anew by its next reader.")


def status(*, json: Json = False) -> None:
    """Show every list: its versions in SQL and in Redis, its age and its size."""
    report = _run(_report)
    if json:
        print(json_format.dumps(report, indent=2))  # noqa: T201 -- what the caller asked for
        return
    _show(report)


async def _warm(services: "Services", genres: list[str]) -> int:
    """Read each list once; what is missing is filled by that. Raises NotFound, DatabaseAway."""
    from shared.catalog.track import View  # noqa: PLC0415 -- see above
    from shared.catalog.versions import ALL  # noqa: PLC0415 -- likewise

    _shared_store(services)
    if not genres:
        genres = sorted((await services.freshness.serving(services.clock())).versions.numbers)
    with step_progress("Warming", len(genres)) as advance:
        for genre in genres:
            if await _known(services, genre) == ALL:
                await services.lists.all(View.CORE)
            else:
                await services.lists.genre(genre, View.CORE)
            advance()
    return len(genres)


async def _purge(services: "Services", scope: str) -> str:
    name = await _known(services, scope)
    await services.writer.purge([name])
    return name


async def _report(services: "Services") -> dict[str, Any]:
    from shared.catalog.format import ListFormat  # noqa: PLC0415 -- see above
    from shared.catalog.store import StoreAway  # noqa: PLC0415 -- likewise
    from shared.catalog.survey import survey  # noqa: PLC0415 -- likewise

    versions = await services.database.versions()
    report: dict[str, Any] = {"epoch": versions.epoch, "redis": "not used", "scopes": []}
    if services.store is not None:
        try:
            form = ListFormat(services.settings.features_limit)
            states = await survey(services.store, form, versions)
            report |= {"redis": "up", "scopes": [_row(state) for state in states]}
        except StoreAway:
            report["redis"] = "down"
    if not report["scopes"]:
        numbers = sorted(versions.numbers.items())
        report["scopes"] = [{"scope": scope, "version": number} for scope, number in numbers]
    return report


def _row(state: "ScopeState") -> dict[str, Any]:
    return {
        "scope": state.scope,
        "state": state.state,
        "version": state.sql.number,
        "newest_in_redis": state.newest and state.newest.number,
        "listed_in_redis": state.listed and state.listed.number,
        "seconds_left": round(state.remaining),
        "bytes": {f"{view}+gzip": size for view, size in state.sizes.items()},
    }


def _show(report: dict[str, Any]) -> None:
    table = Table("scope", "state", "version", "G", "K", "left", "bytes", box=None)
    for row in report["scopes"]:
        sizes = ", ".join(f"{name} {size:,}" for name, size in row.get("bytes", {}).items())
        newest, listed = (_beside(row, name) for name in ("newest_in_redis", "listed_in_redis"))
        left = f"{row['seconds_left']} s" if row.get("bytes") else "-"
        state = row.get("state", "-")
        table.add_row(row["scope"], state, str(row["version"]), newest, listed, left, sizes)
    stdout().print(f"epoch {report['epoch']}   Redis: {report['redis']}")
    stdout().print(table)


def _beside(row: dict[str, Any], name: str) -> str:
    """How far Redis is from SQL's version: `=`, a difference, or `-` for nothing there."""
    number = row.get(name)
    if number is None:
        return "-"
    return "=" if number == row["version"] else f"{number - row['version']:+}"


async def _known(services: "Services", scope: str) -> str:
    """The stored spelling. Raises NotFound."""
    name = await services.lists.scope(scope)
    if name is None:
        raise NotFound(f"There is no genre '{scope}'.")
    return name


def _shared_store(services: "Services") -> None:
    if services.store is None:
        complain("There is no Redis to warm: set REDIS_URL.")
        raise typer.Exit(1)


def _run[T](work: "Callable[[Services], Awaitable[T]]") -> T:
    from shared.settings import Settings  # noqa: PLC0415 -- see above

    return run(Settings.load(), work)
