"""Errors as RFC 9457 problem details: one shape for every route."""

from typing import Any, Final

import azure.functions as func
import orjson

from shared.errors import ApiError

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


def problem(error: ApiError, request_id: str) -> func.HttpResponse:
    """The answer for an error, with the members of `members`."""
    return func.HttpResponse(
        orjson.dumps(members(error, request_id)),
        status_code=error.status,
        mimetype=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **error.headers},
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
