"""Sign-in to Redis with the identity that this runs as: no password is anywhere.

Who that is, azure-identity finds out: AZURE_CLIENT_ID's managed identity in Azure, `az login` on a
laptop or a workflow's runner.
"""

import asyncio
import logging
from functools import cached_property
from typing import Any, Final

from redis.auth.token import TokenInterface
from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError

from shared.imports import IMPORTING
from shared.redis_url import split_sign_in

SCOPE: Final = "https://redis.azure.com/.default"

RENEWAL_SECONDS: Final = 240
"""Before a token expires: azure-identity asks for a new one in the last 300 s, Azure wants it to be
there 180 s before."""

RETRY_SECONDS: Final = 30

_log = logging.getLogger(__name__)


class RedisIdentity(CredentialProvider):
    """Object id and token for each new connection; a new token is there before the last expires.

    The server breaks off a connection whose token has expired, and the next command makes another
    one. redis-py could renew the sign-in of open connections, but sends it on some that it has
    already lent to the next command. A token is fetched in a thread, once for all who wait.
    """

    def __init__(self) -> None:
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
            self._fetching = asyncio.create_task(self._fetched())
            self._fetching.add_done_callback(self._fetch_ended)
        return self._fetching

    async def _fetched(self) -> TokenInterface:
        try:
            self._token = await asyncio.to_thread(self._request)
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
            self._renew_in_time(self._token)

    def _renew_in_time(self, token: TokenInterface) -> None:
        left = token.ttl() / 1000
        wait = RETRY_SECONDS if self._failed else max(left - RENEWAL_SECONDS, left / 2, 1)
        if self._renewal is not None:
            self._renewal.cancel()
        self._renewal = asyncio.get_running_loop().call_later(wait, self._fetch)

    def _request(self) -> TokenInterface:
        token: TokenInterface = self._provider.request_token()
        return token

    @cached_property
    def _provider(self) -> Any:
        with IMPORTING:
            from azure.identity import DefaultAzureCredential
            from redis_entraid.identity_provider import (
                DefaultAzureCredentialProvider,
            )

            return DefaultAzureCredentialProvider(DefaultAzureCredential(), (SCOPE,))


def redis_identity(url: str) -> tuple[str, dict[str, Any]]:
    """The URL without `?auth=entra`, and what redis-py needs to sign in where it had that.

    Raises ValueError as split_sign_in.
    """
    url, entra = split_sign_in(url)
    return url, {"credential_provider": RedisIdentity()} if entra else {}
