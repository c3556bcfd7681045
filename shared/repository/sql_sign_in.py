"""Sign-in to Azure SQL with a token of the identity that this runs as: no password is anywhere.

Who that is, azure-identity finds out: AZURE_CLIENT_ID's managed identity in Azure, `az login` on a
laptop or a workflow's runner.
"""

import re
import struct
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

SCOPE: Final = "https://database.windows.net/.default"
ACCESS_TOKEN: Final = 1256
"""SQL_COPT_SS_ACCESS_TOKEN of Microsoft's driver, set before it connects."""

_SIGNS_IN_ITSELF: Final = re.compile(r"(?i)(^|;)\s*(uid|pwd|authentication|trusted_connection)\s*=")


class Token(Protocol):
    @property
    def token(self) -> str: ...


class Credential(Protocol):
    """azure-identity's; it keeps the token until it is about to expire, for every thread."""

    def get_token(self, scope: str, /) -> Token:
        """Raises azure-core's AzureError when Entra gives none."""
        ...


def signs_in_itself(odbc: str) -> bool:
    """Whether a connection string says how to sign in: the driver refuses a token beside that."""
    return _SIGNS_IN_ITSELF.search(odbc) is not None


def sign_in_with_tokens(engine: sa.Engine, credential: Credential | None = None) -> None:
    """Give each new connection of the engine a token.

    Where Entra gives none, connecting fails as if the server could not be reached.
    """
    from azure.core.exceptions import AzureError
    from azure.identity import DefaultAzureCredential

    asked = credential or DefaultAzureCredential()

    def sign_in(
        dialect: sa.Dialect,
        entry: ConnectionPoolEntry,
        arguments: list[Any],
        options: dict[str, Any],
    ) -> None:
        del entry, arguments
        try:
            token = asked.get_token(SCOPE).token
        except AzureError as error:
            refused = dialect.loaded_dbapi.OperationalError
            raise refused("08001", f"Entra gave no token: {type(error).__name__}") from error
        options["attrs_before"] = {ACCESS_TOKEN: packed(token)}

    sa.event.listen(engine, "do_connect", sign_in)


def packed(token: str) -> bytes:
    """As the driver wants it: the length in bytes, 32 bits little-endian, then UTF-16LE.

    Microsoft Learn: Using Microsoft Entra ID with the ODBC Driver, "Authenticating with an access
    token".
    """
    text = token.encode("utf-16-le")
    return struct.pack(f"<I{len(text)}s", len(text), text)
