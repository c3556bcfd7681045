"""Turns a function's return value into the HTTP response that the platform sends."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

STATUSES: Final = range(200, 600)
"""Those that the web server can send as the end of an exchange."""

WITHOUT_BODY: Final = {204, 205, 304}

LENGTH: Final = re.compile(rb"[0-9]{1,18}")

TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class UnusableResponseError(Exception):
    """The function returned something that the platform cannot send; it answers 500."""


@dataclass(frozen=True)
class Response:
    """`length` is its Content-Length. If the body is shorter, the answer is cut off after it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    length: int | None = None

    @property
    def may_have_body(self) -> bool:
        return self.status not in WITHOUT_BODY


def response(returned: Any) -> Response:
    """Return the HTTP response for a TypedData. Raises UnusableResponseError."""
    kind = returned.WhichOneof("data") if returned is not None else None
    if kind == "http":
        return _http(returned.http)
    if kind == "string":
        return Response(
            200, [(b"content-type", b"text/plain; charset=utf-8")], returned.string.encode()
        )
    raise UnusableResponseError(f"an HTTP function returned {kind or 'nothing'}")


def _http(http: Any) -> Response:
    try:
        headers = {_name(name): _ascii(value) for name, value in http.headers.items()}
        cookies = [(b"set-cookie", _ascii(_cookie(cookie))) for cookie in http.cookies or ()]
        status, body = int(http.status_code), http.body.bytes
        length = _length(headers, status, body)
    except ValueError as error:
        raise UnusableResponseError(str(error)) from error
    return Response(status, [*headers.items(), *cookies], body, length)


def _length(headers: dict[bytes, bytes], status: int, body: bytes) -> int | None:
    """Return what Content-Length says. Raises ValueError if it or the status does not fit the body.

    204 has no length, and zero is dropped from it (Kestrel, HttpProtocol.CreateResponseHeaders).
    """
    if status not in STATUSES or (body and status in WITHOUT_BODY):
        raise ValueError(f"an answer of {len(body)} bytes cannot have the status {status}")
    given = headers.get(b"content-length")
    if given is None:
        return None
    if not LENGTH.fullmatch(given) or int(given) < len(body):
        raise ValueError(f"{len(body)} bytes cannot have the Content-Length {given!r}")
    if status == HTTPStatus.NO_CONTENT:
        if int(headers.pop(b"content-length")):
            raise ValueError("an answer without content cannot have a Content-Length")
        return None
    return int(given)


def _name(name: str) -> bytes:
    """Encode a header's name, in lower case: of names that differ by case the last one is kept."""
    if not TOKEN.fullmatch(name):
        raise ValueError(f"not a header name: {name!r}")
    return name.lower().encode("ascii")


def _ascii(value: str) -> bytes:
    """Encode a header's value, which must be printable ASCII."""
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"not a header value: {value!r}")
    return value.encode("ascii")


def _cookie(cookie: Any) -> str:
    """Return a Set-Cookie value as ASP.NET Core writes it: escaped, with path / unless given."""
    parts = [f"{quote(cookie.name, safe='')}={quote(cookie.value, safe='')}"]
    if cookie.expires:
        expires = datetime.fromtimestamp(cookie.expires.value.seconds, UTC)
        parts.append(f"expires={format_datetime(expires, usegmt=True)}")
    if cookie.max_age:
        parts.append(f"max-age={int(cookie.max_age.value)}")
    if cookie.domain and cookie.domain.value:
        parts.append(f"domain={cookie.domain.value}")
    parts.append(f"path={(cookie.path and cookie.path.value) or '/'}")
    if cookie.secure.value:
        parts.append("secure")
    if cookie.same_site:
        parts.append(f"samesite={cookie.same_site}")
    if cookie.http_only.value:
        parts.append("httponly")
    return "; ".join(parts)
