"""`grant`, `revoke` and `whois`: who may write."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from shared.auth.connect import connect
from shared.auth.roles import Role, Roles, UserRecord
from shared.errors import ApiError
from shared.runtime import ThreadWorkers
from shared.settings import Settings, SettingsError

Email = Annotated[str, typer.Argument(help="The e-mail that the user signed up with.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the CLI."""
    app.command()(grant)
    app.command()(revoke)
    app.command()(whois)


def grant(
    email: Email, role: Annotated[Role, typer.Argument(help="editor adds records; admin may all.")]
) -> None:
    """Give a user a role; it replaces any other."""
    holder = _with_roles(lambda roles: roles.grant(email, role))
    typer.echo(f"{holder.email} is now {holder.role}.")
    typer.echo("Tokens have the role from the next login or refresh (POST /token) on.")


def revoke(email: Email) -> None:
    """Take a user's role away, and end all sign-ins of the user."""
    holder = _with_roles(lambda roles: roles.revoke(email))
    typer.echo(f"{holder.email} has no role any more, and must log in again.")


def whois(email: Email) -> None:
    """Show a user: id, name, role."""
    holder = _with_roles(lambda roles: roles.whois(email))
    typer.echo(f"{holder.email}{' (disabled)' if holder.disabled else ''}")
    typer.echo(f"  name  {holder.name or '-'}")
    typer.echo(f"  role  {holder.role or '-'}")
    typer.echo(f"  uid   {holder.uid}")


def _with_roles(ask: Callable[[Roles], Awaitable[UserRecord]]) -> UserRecord:
    try:
        return asyncio.run(_asked(ask))
    except (ApiError, SettingsError) as error:
        detail = error.detail if isinstance(error, ApiError) else str(error)
        typer.echo(detail, err=True)
        raise typer.Exit(1) from None


async def _asked(ask: Callable[[Roles], Awaitable[UserRecord]]) -> UserRecord:
    auth = connect(Settings.load(), ThreadWorkers(1, "auth"))
    return await ask(auth.roles)
