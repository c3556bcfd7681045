"""The errors that callers may see: explained, and as answers with examples."""

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
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from shared.http.answer_bodies import FieldsProblem, Problem
from shared.http.json_body import MAX_BYTES
from shared.http.problem import MEDIA_TYPE, Unexpected, members

_EXAMPLE_ID: Final = "2b7c1f0e9a3d4c58"
_BAD_TOKEN: Final = "The bearer token is invalid, expired or revoked."  # noqa: S105 -- a text

EXAMPLES: Final[tuple[ApiError, ...]] = (
    Malformed("The parameter 'limit' must be a number from 1 to 10000."),
    Unauthenticated(_BAD_TOKEN),
    Forbidden("This needs the role 'editor' or 'admin'.", {"WWW-Authenticate": "Bearer"}),
    NotFound("There is no such genre."),
    NotAcceptable("This list is served with the codings 'gzip' and 'identity'."),
    AlreadyExists("This track is already stored under this genre."),
    PreconditionFailed("The list has changed: If-Match names another version of it."),
    TooLarge(f"The body may have at most {MAX_BYTES} bytes."),
    UnsupportedMedia("Send the body as 'Content-Type: application/json'."),
    Invalid([FieldError("popularity", "out of range")]),
    TooManyRequests("Too many requests; try again in 7 s.", 7),
    Unexpected(),
    Unavailable("The database cannot be reached."),
)
"""One of each kind, by status."""

EXPLAINED: Final[dict[type[ApiError], str]] = {
    Malformed: "The request cannot be read: `detail` says where. Change it before you repeat it.",
    Unauthenticated: "Sign in, and send the ID token as `Authorization: Bearer`.",
    Forbidden: "The user is known, and lacks a role. An operator grants it; then sign in again.",
    NotFound: "What the request names is not there.",
    NotAcceptable: "`Accept-Encoding` excludes every coding that is offered.",
    AlreadyExists: "What should be created is there already, and was left as it is.",
    PreconditionFailed: "The copy that `If-Match` names is not the current one.",
    TooLarge: "The body is larger than any that the API has a use for.",
    UnsupportedMedia: "Bodies are JSON in UTF-8, without a content coding.",
    Invalid: "The body was read, and some of its fields are wrong: `errors` names each.",
    TooManyRequests: "Slow down: `Retry-After` says for how many seconds.",
    Unexpected: "A fault of the server, logged under the id in `instance`. Nothing was lost that "
    "had been acknowledged.",
    Unavailable: "A service that the request needs is away. Repeat it after `Retry-After` seconds.",
}


def problem_answer(error: ApiError, model: type[BaseModel] | None = None) -> dict[str, Any]:
    """The answer for such an error; `model` instead of the usual members."""
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
