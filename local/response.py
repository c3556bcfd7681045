"""Turns a function's return value into the HTTP response that the platform sends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote


class UnusableResponseError(Exception):
    """The function returned something that the platform cannot send; it answers 500."""


@dataclass(frozen=True)
class Response:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


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
        headers = [(name, _ascii(value)) for name, value in _last_of_each(http.headers)]
        cookies = [(b"set-cookie", _ascii(_cookie(cookie))) for cookie in http.cookies or ()]
        return Response(int(http.status_code), headers + cookies, http.body.bytes)
    except ValueError as error:
        raise UnusableResponseError(str(error)) from error


def _last_of_each(headers: Mapping[str, str]) -> Iterable[tuple[bytes, str]]:
    """Keep the last header of each name, in any case."""
    return {name.lower().encode("ascii"): value for name, value in headers.items()}.items()


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
