"""Sign-in to Redis with a token of Entra ID instead of a password.

azure-identity finds the identity: in Azure the managed identity of AZURE_CLIENT_ID, elsewhere that
of `az login`.
"""

import asyncio
import logging
from contextvars import Context
from typing import Any, Final

from redis.auth.token import TokenInterface
from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError

from shared.imports import IMPORTING

SCOPE: Final = "https://redis.azure.com/.default"

RENEWAL_SECONDS: Final = 240
"""How long before its end a token is renewed. azure-identity returns a new token in the last 300 s;
Azure recommends to have it 180 s before the end."""

RETRY_SECONDS: Final = 30
"""Until the next attempt after a failed one."""

_log = logging.getLogger(__name__)


class RedisIdentity(CredentialProvider):
    """The object id and token with which redis-py opens a connection.

    The token is renewed in the background before it expires, and fetched in a thread, once for all
    connections that wait. The server closes a connection whose token has expired; the next command
    then opens another. redis-py's own renewal for open connections is not used: it sends the new
    sign-in on connections that are already in use by a command.
    """

    def __init__(self) -> None:
        """Import the libraries now: in a command's timeout there would be no time for it."""
        self._provider = _provider()
        self._token: TokenInterface | None = None
        self._fetching: asyncio.Task[TokenInterface] | None = None
        self._renewal: asyncio.TimerHandle | None = None
        self._failed = False

    async def get_credentials_async(self) -> tuple[str, str]:
        """Raises AuthenticationError when Entra gives no token."""
        token = self._token
        if token is None or token.is_expired():
            token = await asyncio.shield(self._fetch())
        return token.try_get("oid"), token.get_value()

    def _fetch(self) -> asyncio.Task[TokenInterface]:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch_in_thread())
            self._fetching.add_done_callback(self._fetch_ended)
        return self._fetching

    async def _fetch_in_thread(self) -> TokenInterface:
        try:
            self._token = await asyncio.to_thread(self._request_token)
        except Exception as error:
            raise AuthenticationError(
                f"Entra gave no token for Redis: {type(error).__name__}"
            ) from error
        return self._token

    def _fetch_ended(self, fetch: asyncio.Task[TokenInterface]) -> None:
        self._fetching = None
        if fetch.cancelled():
            return
        failed, error = self._failed, fetch.exception()
        self._failed = error is not None
        if error is not None and not failed:
            _log.warning("%s", error)
        if self._token is not None:
            self._schedule_renewal(self._token)

    def _schedule_renewal(self, token: TokenInterface) -> None:
        left = token.ttl() / 1000
        wait = RETRY_SECONDS if self._failed else max(left - RENEWAL_SECONDS, left / 2, 1)
        if self._renewal is not None:
            self._renewal.cancel()
        # In an empty context, so that a renewal has no request's trace and no request's id.
        self._renewal = asyncio.get_running_loop().call_later(wait, self._fetch, context=Context())

    def _request_token(self) -> TokenInterface:
        token: TokenInterface = self._provider.request_token()
        return token


def _provider() -> Any:
    with IMPORTING:
        from azure.identity import DefaultAzureCredential
        from redis_entraid.identity_provider import DefaultAzureCredentialProvider

        return DefaultAzureCredentialProvider(DefaultAzureCredential(), (SCOPE,))
