"""The first line of a request, by the rules of Kestrel, the platform's web server.

They are those of HttpParser, Http1Connection and PathNormalizer in dotnet/aspnetcore.
"""

import re
from dataclasses import dataclass
from typing import Final

from local.percent import decoded_path

_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ ?%][^ ]*) +([^ ].{7})\r?", re.DOTALL)
_VERSIONS: Final = {b"HTTP/1.1": "1.1", b"HTTP/1.0": "1.0"}
_ABSOLUTE: Final = re.compile(r"https?://(?:[^/?@]*@)?([^/?@]+)(.*)", re.DOTALL)
_AUTHORITY: Final = re.compile(r"[0-9A-Za-z:.@\[\]]+")


class RefusedRequestError(Exception):
    """A request that the web server answers itself, with this status, and closes the connection."""

    def __init__(self, status: int, allow: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.allow = allow


@dataclass(frozen=True, slots=True)
class RequestLine:
    """`path` is decoded, and empty for a target without one; `query` is as it came.

    `authority` is the host that the target names; None if it names none, as most do.
    """

    method: str
    path: str
    query: str
    version: str
    authority: str | None = None


def request_line(line: bytes) -> RequestLine:
    """Parse a line without its LF. Raises RefusedRequestError."""
    match = _LINE.fullmatch(line)
    if match is None or b"\0" in line or not match[2].isascii():
        raise RefusedRequestError(400)
    version = _VERSIONS.get(match[3])
    if version is None:
        raise RefusedRequestError(505)
    method, target = match[1].decode("ascii"), match[2].decode("ascii")
    if target.startswith("/"):
        return RequestLine(method, *_path_and_query(target), version)
    if target.startswith(("http://", "https://")):
        return _of_absolute_form(method, target, version)
    return _without_path(method, target, version)


def _of_absolute_form(method: str, target: str, version: str) -> RequestLine:
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise RefusedRequestError(400)
    authority, rest = match.groups()
    origin_form = rest if rest.startswith("/") else f"/{rest}"
    return RequestLine(method, *_path_and_query(origin_form), version, authority.lower())


def _without_path(method: str, target: str, version: str) -> RequestLine:
    """`*` is for OPTIONS, a host with a port for CONNECT."""
    if target == "*":
        if method != "OPTIONS":
            raise RefusedRequestError(405, "OPTIONS")
        return RequestLine(method, "", "", version)
    if not _AUTHORITY.fullmatch(target):
        raise RefusedRequestError(400)
    if method != "CONNECT":
        raise RefusedRequestError(405, "CONNECT")
    return RequestLine(method, "", "", version, target)


def _path_and_query(target: str) -> tuple[str, str]:
    raw_path, _, query = target.partition("?")
    path = decoded_path(raw_path)
    if "\0" in path:
        raise RefusedRequestError(400)
    return _without_dot_segments(path), query


def _without_dot_segments(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, section 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    *segments, last = path.split("/")[1:]
    for segment in (*segments, last):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if last in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
