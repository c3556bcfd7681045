"""Each operation's texts, errors, parameters and headers: what routes and models do not say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from shared.errors import (
    AlreadyExists,
    ApiError,
    Malformed,
    NotAcceptable,
    NotFound,
    PreconditionFailed,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from shared.http.answer_bodies import (
    About,
    FullRecord,
    Greeting,
    Health,
    HealthProblem,
    Purged,
    SignedUpUser,
    Status,
    TokenAnswer,
)
from shared.http.request_bodies import Body, Credentials, NewTrack, NewUser, Purge, RefreshRequest

JSON: Final = "application/json"
_LIST_ERRORS: Final = (Malformed, NotAcceptable, PreconditionFailed, Unavailable)
_FILE_ERRORS: Final = (NotAcceptable, PreconditionFailed)
_ACCOUNT_ERRORS: Final = (TooManyRequests, Unavailable)
_PAGING: Final = ("view", "limit", "cursor")
_CONDITIONS: Final = ("ifNoneMatch", "ifMatch")


@dataclass(frozen=True)
class Described:
    """An operation. `answer` is a model, a JSON Schema, or None for no content.

    `parameters` and `headers` are names of components of the document. `cached`: the answer has an
    entity tag, so 304 is possible. `problem`: the model of its 503, if it has members of its own.
    """

    tag: str
    says: str
    answer: type[BaseModel] | dict[str, Any] | None
    status: int = 200
    media_type: str = JSON
    body: type[Body] | None = None
    errors: tuple[type[ApiError], ...] = ()
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cached: bool = False
    problem: type[BaseModel] | None = None


def _records() -> dict[str, Any]:
    """Either view. Not `oneOf`: an empty list matches both."""
    views = [{"$ref": f"#/components/schemas/{name}"} for name in ("Record", "FullRecord")]
    return {"anyOf": [{"type": "array", "items": view} for view in views]}


def _list(*parameters: str) -> Described:
    return Described(
        "Lists",
        "The list, or the page of it.",
        _records(),
        errors=_LIST_ERRORS,
        parameters=(*parameters, *_PAGING, *_CONDITIONS),
        headers=("Age", "Cache-Status", "Server-Timing", "Link"),
        cached=True,
    )


def _file(says: str, media_type: str, *parameters: str) -> Described:
    return Described(
        "Documentation",
        says,
        {"type": "object"} if media_type == JSON else {"type": "string"},
        media_type=media_type,
        errors=(*_FILE_ERRORS, NotFound) if parameters else _FILE_ERRORS,
        parameters=(*parameters, *_CONDITIONS),
        cached=True,
    )


DESCRIBED: Final[Mapping[str, Described]] = {
    "features": _list(),
    "features_custom": _list("arg"),
    "features_new": Described(
        "Records",
        "The record as it is stored. Every read that begins from now on includes it.",
        FullRecord,
        status=201,
        body=NewTrack,
        errors=(AlreadyExists, TooManyRequests, Unavailable),
    ),
    "cache_purge": Described(
        "Records",
        "The list is invalid on every instance; the next read fills it again.",
        Purged,
        body=Purge,
        errors=(NotFound,),
    ),
    "cache_status": Described("Service", "Every list, and the process that answers.", Status),
    "signup": Described(
        "Accounts",
        "The user was created.",
        SignedUpUser,
        status=201,
        body=NewUser,
        errors=(*_ACCOUNT_ERRORS, AlreadyExists),
    ),
    "login": Described(
        "Accounts",
        "Tokens: send `idToken` as a bearer token.",
        TokenAnswer,
        body=Credentials,
        errors=(*_ACCOUNT_ERRORS, Unauthenticated),
    ),
    "token": Described(
        "Accounts",
        "New tokens.",
        TokenAnswer,
        body=RefreshRequest,
        errors=(*_ACCOUNT_ERRORS, Unauthenticated),
    ),
    "logout": Described("Accounts", "All sign-ins of the user are ended.", None, status=204),
    "greeting": Described("Accounts", "A greeting that names the user.", Greeting),
    "version": Described("Service", "Name, version and commit.", About),
    "health": Described(
        "Service",
        "SQL can be reached, so the lists can be served.",
        Health,
        errors=(Unavailable,),
        problem=HealthProblem,
    ),
    "openapi": _file("This document.", JSON),
    "docs": _file("The documentation page.", "text/html"),
    "docs_file": _file("The file.", "*/*", "file"),
}
