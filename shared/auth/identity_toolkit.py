"""Google's Identity Toolkit over REST: the API that Firebase's SDKs for browsers use."""

import asyncio
import json
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from shared.auth.firebase import NOT_SET_UP
from shared.errors import AuthUnavailable
from shared.imports import BuiltOnce
from shared.runtime import Background, Workers

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 3.0
TOTAL_SECONDS: Final = 5.0

REQUESTS: Final = 100
"""Requests at once; more wait."""

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]*(?= : |$)")


class Refused(Exception):
    """The service refused the request; `code` is its own error code, such as `EMAIL_EXISTS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unanswered(AuthUnavailable):
    """The request was sent and has no usable answer: it may have been carried out."""


class Toolkit:
    """One HTTP client, built at the first call. An emulator accepts any key, or none."""

    def __init__(self, api_key: SecretStr, emulator_host: str, workers: Workers) -> None:
        # Clients put URLs into errors, logs and spans, so the key travels as a header.
        self._key = api_key.get_secret_value() or ("emulator" if emulator_host else "")
        self._base = f"http://{emulator_host}/" if emulator_host else "https://"
        self._client = BuiltOnce(partial(_build, is_local=bool(emulator_host)), workers)
        self._background = Background(expected=(AuthUnavailable,))
        self._turns = asyncio.Semaphore(REQUESTS)

    async def call(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """Call accounts:`method`. Raises Refused, AuthUnavailable or Unanswered."""
        return await self._post(f"identitytoolkit.googleapis.com/v1/accounts:{method}", body)

    async def exchange(self, refresh_token: str) -> dict[str, Any]:
        """Exchange a refresh token for new tokens. Raises Refused or AuthUnavailable."""
        body = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._post("securetoken.googleapis.com/v1/token", body)

    async def close(self) -> None:
        await self._background.drain()
        if client := self._client.if_built:
            await client.aclose()

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if not self._key:
            raise AuthUnavailable(NOT_SET_UP)
        client = await self._client.get()
        headers = {"Content-Type": "application/json", "X-Goog-Api-Key": self._key}
        # As ASCII: a text with a lone surrogate has no UTF-8 form, and must not raise here.
        request = client.build_request(
            "POST", self._base + path, content=json.dumps(body), headers=headers
        )
        too_late: type[AuthUnavailable] = AuthUnavailable
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                await self._turns.acquire()
                too_late = Unanswered
                response = await asyncio.shield(self._background.start(self._send(client, request)))
        except TimeoutError:
            _log.warning("Identity Toolkit answers too late")
            raise too_late from None
        return _answer(response.status_code, response.content)

    async def _send(
        self, client: "httpx.AsyncClient", request: "httpx.Request"
    ) -> "httpx.Response":
        """Send a request, as a task of its own that nobody cancels, and end its turn.

        httpx never gets back the connection of a request that is cancelled while it waits for one
        (github.com/encode/httpcore/issues/1093): a service that was slow for some seconds would
        leave none for ever.
        """
        import httpx

        try:
            return await client.send(request)
        except httpx.HTTPError as error:
            _log.warning("Identity Toolkit cannot be reached: %s", type(error).__name__)
            unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise (AuthUnavailable if unsent else Unanswered) from None
        finally:
            self._turns.release()


def _build(*, is_local: bool) -> "httpx.AsyncClient":
    """The import and the certificates take 200 ms.

    httpx reads the names of proxies and of certificates from the environment: none of them for a
    local service. Raises AuthUnavailable when it cannot use one.
    """
    import anyio
    import httpx

    # What httpx would load of anyio at its first request, on the event loop: 70 ms.
    anyio.run(anyio.sleep, 0)
    try:
        return httpx.AsyncClient(
            timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=REQUESTS),
            trust_env=not is_local,
        )
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        # The error's own text may quote a proxy's password.
        _log.error(
            "Sign-in cannot be used: a variable of the environment that names a proxy or "
            "certificates (HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE) is not usable: %s",
            type(error).__name__,
        )
        raise AuthUnavailable(NOT_SET_UP) from None


def _answer(status: int, content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if status == 200 and isinstance(document, dict):  # noqa: PLR2004 - OK, RFC 9110
        return document
    code = _code(document)
    if code is None:
        # Such as a wrong API key. The text itself is not logged: it may quote the request.
        _log.error("Identity Toolkit answered %d without an error code", status)
        raise Unanswered
    raise Refused(code)


def _code(document: object) -> str | None:
    match document:
        case {"error": {"message": str(message)}} if found := _CODE.match(message):
            return found.group()
    return None
