"""The errors that callers may see: an explanation and an example of each."""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel

from shared.errors import (
    AlreadyExists,
    ApiError,
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotAcceptable,
    NotFound,
    PreconditionFailed,
    TooLarge,
    TooManyRequests,
    TrackExists,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from shared.http.answer_bodies import FieldsProblem, Problem
from shared.http.json_body import MAX_BYTES
from shared.http.problem import MEDIA_TYPE, Unexpected, members

_EXAMPLE_ID: Final = "2b7c1f0e9a3d4c58"
_BAD_TOKEN: Final = "The bearer token is invalid, expired or revoked."  # noqa: S105 -- a message

EXAMPLES: Final[tuple[ApiError, ...]] = (
    Malformed("The parameter 'limit' must be a number from 1 to 10000."),
    Unauthenticated(_BAD_TOKEN),
    Forbidden("This needs the role 'editor' or 'admin'.", {"WWW-Authenticate": "Bearer"}),
    NotFound("There is no genre of this name."),
    NotAcceptable("The answer is available with the codings 'gzip' and 'identity' only."),
    AlreadyExists(TrackExists().detail),
    PreconditionFailed("The list has changed: If-Match names another version of it."),
    TooLarge(f"The body may have at most {MAX_BYTES} bytes."),
    UnsupportedMedia("Send the body as 'Content-Type: application/json'."),
    Invalid([FieldError("popularity", "out of range")]),
    TooManyRequests("Too many requests; try again in 7 s.", 7),
    Unexpected(),
    Unavailable("The database cannot be reached."),
)
"""One of each type, in the order of their statuses."""

EXPLAINED: Final[dict[type[ApiError], str]] = {
    Malformed: "The request cannot be read: `detail` says where. Correct it and send it again.",
    Unauthenticated: "Sign in, and send the ID token as `Authorization: Bearer`.",
    Forbidden: "The user lacks a role. An operator can grant it; then sign in again.",
    NotFound: "The genre, file or user that the request names does not exist.",
    NotAcceptable: "`Accept-Encoding` excludes every coding that is offered.",
    AlreadyExists: "The record or user exists already, and was not changed.",
    PreconditionFailed: "`If-Match` does not name the current version of the list or file.",
    TooLarge: "The body is larger than the API accepts.",
    UnsupportedMedia: "A body must be JSON in UTF-8, without a content coding.",
    Invalid: "The body is JSON, but some of its fields are invalid: `errors` names each.",
    TooManyRequests: "Wait for as many seconds as `Retry-After` says.",
    Unexpected: "An unexpected error, logged under the id in `instance`. No acknowledged write is "
    "lost by it.",
    Unavailable: "A service that the request needs cannot be reached. Send the request again after "
    "`Retry-After` seconds.",
}


def problem_answer(error: ApiError, model: type[BaseModel] | None = None) -> dict[str, Any]:
    """The Response Object for such an error; `model` replaces the usual schema."""
    shape = model or (FieldsProblem if error.fields else Problem)
    return {
        "description": f"{error.title}. {EXPLAINED[type(error)]}",
        "headers": header_refs(["X-Request-Id", *error.headers]),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": f"#/components/schemas/{shape.__name__}"},
                "example": members(error, _EXAMPLE_ID),
            }
        },
    }


def header_refs(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
