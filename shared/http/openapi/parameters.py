"""Parameters and headers: components that operations refer to."""

from typing import Any, Final

from shared.http.pages import MAX_LIMIT
from shared.tracks.genres import MAX_GENRE_LENGTH
from shared.tracks.track import View


def _parameter(
    name: str, place: str, schema: dict[str, Any], says: str, example: Any = None, **more: Any
) -> dict[str, Any]:
    described = {"name": name, "in": place, "schema": schema, "description": says, **more}
    return described if example is None else {**described, "example": example}


PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "arg": _parameter(
        "arg",
        "query",
        {"type": "string", "pattern": r"[^\s\x1c-\x1f\x85]"},
        "The genre, in any spelling: case, blanks at its ends and the kind of apostrophe do not "
        f"matter. No genre has more than {MAX_GENRE_LENGTH} characters. `?=Pop` means the same. An "
        "unknown genre is an empty list.",
        example="Pop",
        required=True,
    ),
    "view": _parameter(
        "view",
        "query",
        {"type": "string", "enum": [*View], "default": View.CORE},
        "`core`: six fields. `full`: all 18 columns of the data set.",
    ),
    "limit": _parameter(
        "limit",
        "query",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        "At most so many records: a page. Without it the whole list is sent: 15 MB for all genres.",
        example=10,
    ),
    "cursor": _parameter(
        "cursor",
        "query",
        {"type": "string", "pattern": "^[A-Za-z0-9_-]{16}$"},
        "Where the page begins, from the last page's `Link` with `rel=next`. Needs `limit`; stays "
        "valid while records are added.",
    ),
    "ifNoneMatch": _parameter(
        "If-None-Match",
        "header",
        {"type": "string"},
        "Entity tags of copies that the caller has: 304 if one is current. A value that is not a "
        "list of entity tags is ignored.",
    ),
    "ifMatch": _parameter(
        "If-Match",
        "header",
        {"type": "string"},
        "Entity tags. If none of them is current, the answer is 412.",
    ),
    "file": _parameter(
        "file",
        "path",
        {"type": "string"},
        "A file of the documentation page.",
        example="page.css",
        required=True,
    ),
}


def _header(says: str, example: str) -> dict[str, Any]:
    return {"description": says, "schema": {"type": "string"}, "example": example}


HEADERS: Final[dict[str, dict[str, Any]]] = {
    "X-Request-Id": _header(
        "The request's id in the log; the caller's own if one was sent.", "2b7c1f0e9a3d4c58"
    ),
    "ETag": _header(
        "Strong; the same on every instance, different for each content coding.",
        '"5b0d1c58fd6e8a0a1c1f6bd0c3c0a9d2-gzip"',
    ),
    "Cache-Control": _header("How caches may store the answer.", "public, no-cache"),
    "Vary": _header("The answer depends on this header.", "Accept-Encoding"),
    "Age": _header("Seconds since the list was read from the database.", "12"),
    "Cache-Status": _header("Hit or miss, and why (RFC 9211).", "SmartCache; hit; ttl=3541"),
    "Server-Timing": _header("Milliseconds spent on the list.", "cache;desc=memory;dur=0.12"),
    "Link": _header(
        "Of a page: the first, and the next while there is one (RFC 8288).",
        '</features?limit=10>; rel="first"',
    ),
    "Retry-After": _header("Seconds to wait before the next try.", "5"),
    "WWW-Authenticate": _header(
        "Why the token was refused (RFC 6750).", 'Bearer error="invalid_token"'
    ),
}
