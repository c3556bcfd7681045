"""Sign-in to Azure SQL with a token instead of a password.

azure-identity chooses the identity: the managed one of AZURE_CLIENT_ID in Azure, that of `az login`
on a laptop or a workflow's runner.
"""

import struct
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from shared.settings.connection_string import parse_odbc_string

SCOPE: Final = "https://database.windows.net/.default"
ACCESS_TOKEN: Final = 1256
"""SQL_COPT_SS_ACCESS_TOKEN of Microsoft's driver, set before it connects."""

_SIGN_IN: Final = frozenset({"uid", "pwd", "authentication", "trusted_connection"})


class Token(Protocol):
    @property
    def token(self) -> str: ...


class Credential(Protocol):
    """One of azure-identity's, which caches a token until it is about to expire."""

    def get_token(self, scope: str, /) -> Token:
        """Raises azure-core's AzureError when Entra does not issue one."""
        ...


def signs_in_itself(odbc: str) -> bool:
    """Whether a connection string says how to sign in: the driver then refuses a token."""
    return not _SIGN_IN.isdisjoint(parse_odbc_string(odbc))


def sign_in_with_tokens(engine: sa.Engine, credential: Credential | None = None) -> None:
    """Give each new connection of the engine a token.

    If Entra does not issue one, connecting fails as for a server that cannot be reached.
    """
    from azure.core.exceptions import AzureError
    from azure.identity import DefaultAzureCredential

    source = credential or DefaultAzureCredential()

    def sign_in(
        dialect: sa.Dialect,
        entry: ConnectionPoolEntry,
        arguments: list[Any],
        options: dict[str, Any],
    ) -> None:
        del entry, arguments
        try:
            token = source.get_token(SCOPE).token
        except AzureError as error:
            unreachable = dialect.loaded_dbapi.OperationalError
            raise unreachable("08001", f"Entra issued no token: {type(error).__name__}") from error
        options["attrs_before"] = {ACCESS_TOKEN: packed(token)}

    sa.event.listen(engine, "do_connect", sign_in)


def packed(token: str) -> bytes:
    """The token as the driver takes it: length in bytes (32 bits, little-endian), then UTF-16LE.

    Microsoft Learn: Using Microsoft Entra ID with the ODBC Driver, "Authenticating with an access
    token".
    """
    text = token.encode("utf-16-le")
    return struct.pack(f"<I{len(text)}s", len(text), text)
