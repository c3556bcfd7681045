"""`grant`, `revoke` and `whois`: the users and their roles."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from shared.auth.roles import Role, Roles, UserRecord
from shared.cli.console import print_lines

Email = Annotated[str, typer.Argument(help="The e-mail that the user signed up with.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the CLI."""
    app.command()(grant)
    app.command()(revoke)
    app.command()(whois)


def grant(
    email: Email,
    role: Annotated[
        Role, typer.Argument(help="editor: may add records; admin: may do everything.")
    ],
) -> None:
    """Give a user a role; it replaces any other."""
    user = _with_roles(lambda roles: roles.grant(email, role))
    print_lines(
        f"{user.email} is now {user.role}.",
        "Tokens have the role from the next login or refresh (POST /token) on.",
    )


def revoke(email: Email) -> None:
    """Take a user's role away, and end all sign-ins of the user."""
    user = _with_roles(lambda roles: roles.revoke(email))
    print_lines(f"{user.email} has no role any more, and must log in again.")


def whois(email: Email) -> None:
    """Show a user: id, name, role."""
    user = _with_roles(lambda roles: roles.whois(email))
    print_lines(
        f"{user.email}{' (disabled)' if user.disabled else ''}",
        f"  name  {user.name or '-'}",
        f"  role  {user.role or '-'}",
        f"  uid   {user.uid}",
    )


def _with_roles(work: Callable[[Roles], Awaitable[UserRecord]]) -> UserRecord:
    """Return the result of `work`. Raises SettingsError, and what the methods of Roles raise."""
    from shared.auth.connect import connect
    from shared.runtime import ThreadWorkers
    from shared.settings import Settings

    async def main() -> UserRecord:
        auth = connect(Settings.load(), ThreadWorkers(1, "auth"))
        return await work(auth.roles)

    return asyncio.run(main())
