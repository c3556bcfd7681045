"""What a handler answers, and the one place where it becomes the platform's response."""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import azure.functions as func

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""On every answer; a handler may set its own value (OWASP REST Security Cheat Sheet)."""

EXPOSED_HEADERS: Final = (
    "Age",
    "Cache-Status",
    "Content-Encoding",
    "ETag",
    "Link",
    "Retry-After",
    "Server-Timing",
    "Vary",
    "WWW-Authenticate",
    "X-Request-Id",
)
"""What scripts of other origins may read, beside the few headers that they always may (Fetch,
"CORS-safelisted response-header name")."""

_ON_EVERY_ANSWER: Final = SECURITY_HEADERS | {
    "Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS)
}
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
_WITHOUT_LENGTH: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_PRINTABLE: Final = string.punctuation + " "


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers and a body. For HEAD all of it is sent but the body.

    `length` is the size in bytes of the body that GET would send. A handler that makes no body for
    HEAD sets it.
    """

    body: bytes
    media_type: str
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None


def response_to(request: func.HttpRequest, answer: Answer, request_id: str) -> func.HttpResponse:
    """The answer as the platform sends it, with its Content-Length.

    The platform answers 500 without a body, or cuts the body, where the length is wrong or a
    header's value is not ASCII. So a handler's own length is ignored, and values are encoded.
    """
    headers = {**_ON_EVERY_ANSWER, **answer.headers, "X-Request-Id": request_id}
    if not _FRAMING.isdisjoint(map(str.lower, headers)):
        headers = {name: value for name, value in headers.items() if name.lower() not in _FRAMING}
    body, length = answer.body, len(answer.body)
    if request.method == "HEAD":
        body, length = b"", length if answer.length is None else answer.length
    if answer.status not in _WITHOUT_LENGTH:
        headers["Content-Length"] = str(length)
    return func.HttpResponse(
        body, status_code=answer.status, headers=_in_ascii(headers), mimetype=answer.media_type
    )


def _in_ascii(headers: dict[str, str]) -> dict[str, str]:
    """Percent-encode what is not a printable ASCII character (RFC 9110, section 5.5)."""
    text = "".join(headers.values())
    if text.isascii() and text.isprintable():
        return headers
    return {name: quote(value, _PRINTABLE, errors="replace") for name, value in headers.items()}
