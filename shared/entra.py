"""Sign-in to Redis with the identity that this runs as: no password is anywhere.

Who that is, azure-identity finds out: AZURE_CLIENT_ID's managed identity in Azure, `az login` on a
laptop or a workflow's runner.
"""

import asyncio
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError

REDIS_SCOPE: Final = "https://redis.azure.com/.default"


class RedisIdentity(CredentialProvider):
    """The name and token for each new connection, asked for in a thread.

    redis-entraid's own asynchronous way would hold the event loop while a token is fetched.
    """

    def __init__(self) -> None:
        self._provider: Any = None

    def get_credentials(self) -> tuple[str, str]:
        """Object id and token. Raises AuthenticationError when Entra gives none."""
        from redis_entraid.cred_provider import (  # noqa: PLC0415 - azure-identity, 200 ms
            create_from_default_azure_credential,
        )

        try:
            if self._provider is None:
                self._provider = create_from_default_azure_credential((REDIS_SCOPE,))
            name, token = self._provider.get_credentials()
        except Exception as error:
            raise AuthenticationError(
                f"Entra gave no token for Redis: {type(error).__name__}"
            ) from error
        return str(name), str(token)

    async def get_credentials_async(self) -> tuple[str, str]:
        return await asyncio.to_thread(self.get_credentials)


def redis_identity(url: str) -> tuple[str, dict[str, Any]]:
    """The URL without `?auth=entra`, and what redis-py needs to sign in where it had that.

    Raises ValueError for another `auth`, and without TLS: a token opens the database.
    """
    parts = urlsplit(url)
    wanted = parse_qs(parts.query).get("auth", [])
    if not wanted:
        return url, {}
    if wanted != ["entra"] or not parts.scheme.startswith("rediss"):
        raise ValueError("REDIS_URL: `auth` may only be `entra`, and that only with rediss://")
    query = "&".join(part for part in parts.query.split("&") if not part.startswith("auth="))
    return parts._replace(query=query).geturl(), {"credential_provider": RedisIdentity()}
