"""Errors as RFC 9457 problem details: one shape for every route."""

from typing import Any, Final

from shared.errors import ApiError
from shared.http.answer import Answer
from shared.http.json_text import json_bytes

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/docs#"
"""A problem's type is a link to its explanation. It is relative, because the API runs on any host;
RFC 9457, section 3.1.1, then wants an absolute path."""


class Unexpected(ApiError):
    """A bug or a broken environment; the log has the exception under the same request id."""

    status, slug, title = 500, "internal-error", "Internal server error"

    def __init__(self) -> None:
        super().__init__(
            "The server failed unexpectedly. Its log has the reason under the id of this request."
        )


def problem(error: ApiError, request_id: str) -> Answer:
    """The answer for an error, with the members of `members`."""
    return Answer(
        json_bytes(members(error, request_id)),
        MEDIA_TYPE,
        error.status,
        {"Cache-Control": "no-store", **error.headers},
    )


def members(error: ApiError, request_id: str) -> dict[str, Any]:
    """`type`, `title`, `status`, `detail`, `instance`, the error's own; `errors` for fields."""
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + error.slug,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": f"urn:request:{request_id}",
        **error.members,
    }
    if error.fields:
        document["errors"] = [
            {"field": field.field, "message": field.message} for field in error.fields
        ]
    return document
