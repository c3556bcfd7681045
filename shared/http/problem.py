"""Errors as RFC 9457 problem details: one shape for every route."""

from typing import Any, Final

import azure.functions as func
import orjson

from shared.errors import ApiError

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/docs#"
"""A problem's type is a reference to its explanation, on whichever host the API runs: RFC 9457,
section 3.1.1, wants a full path in that case."""


def problem(error: ApiError, request_id: str) -> func.HttpResponse:
    """The answer for an error: `type, title, status, detail, instance`, and `errors` for fields."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + error.slug,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": f"urn:request:{request_id}",
        **error.members,
    }
    if error.fields:
        body["errors"] = [
            {"field": field.field, "message": field.message} for field in error.fields
        ]
    return _respond(error.status, body, error.headers)


def unexpected(request_id: str) -> func.HttpResponse:
    """The answer for a fault of ours; the log has the rest under the same request id."""
    body = {
        "type": TYPE_PREFIX + "internal-error",
        "title": "An error of the server",
        "status": 500,
        "detail": "The server failed; its log tells why under this request's id.",
        "instance": f"urn:request:{request_id}",
    }
    return _respond(500, body, {})


def _respond(status: int, body: dict[str, Any], headers: dict[str, str]) -> func.HttpResponse:
    return func.HttpResponse(
        orjson.dumps(body),
        status_code=status,
        mimetype=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **headers},
    )
