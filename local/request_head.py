"""The head of a request, by the rules of Kestrel, the platform's web server.

They are those of HttpParser, Http1Connection, Http1MessageBody and HttpUtilities in
dotnet/aspnetcore, with its default limits.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from local.percent import encoded_path
from local.request_line import RefusedRequestError, RequestLine, request_line

LINE_BYTES: Final = 8 * 1024
"""Of a request line, its LF included."""

HEADERS_BYTES: Final = 32 * 1024 + 2
"""Of all headers, the empty line at their end included."""

HEADERS: Final = 100

_END: Final = re.compile(rb"\n\r?\n")
_BLANK: Final = b" \t"
_NAME: Final = re.compile(rb"[^\0 \t\r:\x80-\xff]+")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_HOST: Final = re.compile(rb"(?:[0-9A-Za-z!$&'()\-._~]+|\[[0-9A-Fa-f:.]{3,}\])(?::[0-9]+)?")

type Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class RequestHead:
    """A request without its body. `length` is the body's, None if it comes in chunks."""

    line: RequestLine
    headers: Headers
    length: int | None
    keeps_alive: bool

    def scope(self) -> dict[str, Any]:
        """What ASGI tells an application about the request (HTTP connection scope)."""
        return {
            "method": self.line.method,
            "path": self.line.path,
            "raw_path": encoded_path(self.line.path).encode("ascii"),
            "query_string": self.line.query.encode("ascii"),
            "headers": self.headers,
        }

    def framing(self) -> bytes:
        """A head that says where the body and the connection end, for the parser of the body."""
        lines = [f"POST / HTTP/{self.line.version}"]
        if self.length is None:
            lines.append("Transfer-Encoding: chunked")
        elif self.length:
            lines.append(f"Content-Length: {self.length}")
        if not self.keeps_alive:
            lines.append("Connection: close")
        if any(value.lower() == b"100-continue" for value in _values(self.headers, b"expect")):
            lines.append("Expect: 100-continue")
        return "\r\n".join([*lines, "\r\n"]).encode("ascii")


def request_head(data: bytearray, start: int) -> tuple[RequestHead, int] | None:
    """Parse the head that begins at `start`: return it and its end, None if data is missing.

    Raises RefusedRequestError.
    """
    line_end = data.find(b"\n", start, start + LINE_BYTES)
    if line_end < 0:
        if data.find(b"\0", start) >= 0:
            raise RefusedRequestError(400)
        if len(data) - start >= LINE_BYTES:
            raise RefusedRequestError(414)
        return None
    line = request_line(bytes(data[start:line_end]))
    end = _END.search(data, line_end, line_end + 1 + HEADERS_BYTES)
    if end is None:
        if len(data) - line_end > HEADERS_BYTES:
            raise RefusedRequestError(431)
        return None
    return _head(line, bytes(data[line_end + 1 : end.start() + 1])), end.end()


def _head(line: RequestLine, lines: bytes) -> RequestHead:
    headers = [_header(one.removesuffix(b"\r")) for one in lines.split(b"\n")[:-1]]
    if len(headers) > HEADERS:
        raise RefusedRequestError(431)
    _check_host(line, _values(headers, b"host"))
    length = _body_length(line, headers)
    if length is None:  # RFC 9112, section 6.3: the coding overrides the length
        headers = [header for header in headers if header[0] != b"content-length"]
    return RequestHead(line, headers, length, _keeps_alive(line, headers))


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not _NAME.fullmatch(name) or b"\r" in value or b"\0" in value:
        raise RefusedRequestError(400)
    value = value.strip(_BLANK)
    try:
        value.decode()
    except UnicodeDecodeError as error:
        raise RefusedRequestError(400) from error
    return name.lower(), value


def _values(headers: Headers, name: bytes) -> list[bytes]:
    return [value for known, value in headers if known == name]


def _check_host(line: RequestLine, hosts: list[bytes]) -> None:
    """Refuse a host that is missing, repeated, malformed, or not the target's."""
    if not hosts and line.version == "1.0":
        return
    if len(hosts) != 1 or (hosts[0] and not _HOST.fullmatch(hosts[0])):
        raise RefusedRequestError(400)
    named, given = line.authority, hosts[0].decode("ascii")
    if named is not None and given not in {named, f"{named}:80", named.removesuffix(":80")}:
        raise RefusedRequestError(400)


def _body_length(line: RequestLine, headers: Headers) -> int | None:
    codings = b",".join(_values(headers, b"transfer-encoding"))
    if codings:
        if codings.rpartition(b",")[2].strip(_BLANK).lower() != b"chunked":
            raise RefusedRequestError(400)
        return None
    lengths = _values(headers, b"content-length")
    if not lengths:
        if line.version == "1.0" and line.method in {"POST", "PUT"}:
            raise RefusedRequestError(400)
        return 0
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
        raise RefusedRequestError(400)
    return int(lengths[0])


def _keeps_alive(line: RequestLine, headers: Headers) -> bool:
    options = b",".join(_values(headers, b"connection")).lower().split(b",")
    return line.version == "1.1" and b"close" not in {option.strip(_BLANK) for option in options}
