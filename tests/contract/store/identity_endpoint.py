"""The endpoint of an app's managed identity, as App Service has one for each app.

https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.services.http_server import Answer, Asked, serving

OBJECT_ID: Final = "0a6f1e6c-5d0b-4b0e-9a52-6f1f3f1d7a11"
HEADER: Final = "the app's own secret"
HOLD_SECONDS: Final = 120


class IdentityEndpoint:
    """Gives tokens that live `ttl` seconds, unless it is told to refuse or to say nothing."""

    def __init__(self, url: str) -> None:
        self.environment = {"IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": HEADER}
        self.ttl = 3600
        self.refuses = False
        self.resources: list[str] = []
        self.issued: list[str] = []
        self.tell: Callable[[str], None] = lambda _: None
        self.asked = threading.Semaphore(0)
        self._open = threading.Event()
        self._open.set()

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def answer(self, url: str, secret: str | None) -> tuple[int, dict[str, Any]]:
        self.resources += parse_qs(urlsplit(url).query)["resource"]
        self.asked.release()
        self._open.wait(HOLD_SECONDS)
        if self.refuses or secret != HEADER:
            return 400, {"statusCode": 400, "message": "no such identity"}
        return 200, self._issue()

    def _issue(self) -> dict[str, Any]:
        expires = int(time.time()) + self.ttl
        claims = {"oid": OBJECT_ID, "exp": expires, "jti": str(len(self.issued))}
        token = jwt.encode(claims, "a key that nobody checks: 32 bytes")
        self.tell(token)
        self.issued.append(token)
        return {"access_token": token, "expires_on": str(expires), "token_type": "Bearer"}


@contextmanager
def running_endpoint() -> Iterator[IdentityEndpoint]:
    """An endpoint on a free port of 127.0.0.1."""

    def answer(asked: Asked) -> Answer:
        status, body = endpoint.answer(asked.path, asked.headers.get("X-IDENTITY-HEADER"))
        return status, {"Content-Type": "application/json"}, json.dumps(body).encode()

    with serving(answer) as url:
        endpoint = IdentityEndpoint(f"{url}/msi/token")
        try:
            yield endpoint
        finally:
            endpoint.release()
