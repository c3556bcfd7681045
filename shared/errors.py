"""Every error that a caller may see, with its HTTP status and its problem type (RFC 9457).

SettingsError is for the operator alone: it ends a start, or a command, before any work.

ApiError
 |- Malformed            400  the request cannot be read
 |- Unauthenticated      401  no token, or a bad one
 |- Forbidden            403  the user lacks the role
 |- NotFound             404
 |- NotAcceptable        406  no coding that the caller accepts
 |- AlreadyExists        409  what should be created is there
 |- PreconditionFailed   412  If-Match names another copy
 |- TooLarge             413
 |- UnsupportedMedia     415
 |- Invalid              422  one entry per wrong field
 |- TooManyRequests      429  Retry-After
 `- Unavailable          503  Retry-After
     |- DatabaseUnavailable          SQL cannot be reached, or answers too late
     |   `- OutcomeUnknown    the connection broke while a commit was under way
     `- AuthUnavailable          Firebase cannot be reached
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field of a request: its JSON path (`popularity`) and what is wrong with it."""

    field: str
    message: str


class SettingsError(Exception):
    """The settings cannot be used; the message names every fault, and no value of a secret."""


class ApiError(Exception):
    """An answer other than success; `detail` is for the caller, never an exception's text."""

    status: ClassVar[int]
    slug: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.fields: tuple[FieldError, ...] = ()
        self.members: dict[str, str] = {}
        """Of this problem alone (RFC 9457, section 3.2)."""


class Malformed(ApiError):
    status, slug, title = 400, "malformed-request", "The request cannot be read"


class Unauthenticated(ApiError):
    """RFC 6750, section 3: the challenge names the scheme."""

    status, slug, title = 401, "unauthenticated", "A valid sign-in is required"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, {"WWW-Authenticate": "Bearer"})


class Forbidden(ApiError):
    status, slug, title = 403, "forbidden", "The user may not do this"


class NotFound(ApiError):
    status, slug, title = 404, "not-found", "There is no such thing"


class NotAcceptable(ApiError):
    status, slug, title = 406, "not-acceptable", "No acceptable representation"


class AlreadyExists(ApiError):
    status, slug, title = 409, "already-exists", "It exists already"


class PreconditionFailed(ApiError):
    status, slug, title = 412, "precondition-failed", "It is not what the request expects"


class TooLarge(ApiError):
    status, slug, title = 413, "too-large", "The body is too large"


class UnsupportedMedia(ApiError):
    status, slug, title = 415, "unsupported-media-type", "The body has the wrong media type"


class Invalid(ApiError):
    status, slug, title = 422, "invalid-fields", "Some fields are wrong"

    def __init__(self, fields: Sequence[FieldError]) -> None:
        super().__init__(f"{len(fields)} field(s) are wrong; `errors` names each.")
        self.fields = tuple(fields)


class TooManyRequests(ApiError):
    status, slug, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail, {"Retry-After": str(retry_after)})


class Unavailable(ApiError):
    """A required service is away. `retry_after` is in whole seconds (RFC 9110, section 10.2.3)."""

    status, slug, title = 503, "unavailable", "A required service is away"

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        super().__init__(detail, {"Retry-After": str(retry_after)})


class DatabaseUnavailable(Unavailable):
    def __init__(self, detail: str = "The database cannot be reached.") -> None:
        super().__init__(detail)


class OutcomeUnknown(DatabaseUnavailable):
    """The connection broke while a commit was under way: it may have happened or not."""

    def __init__(
        self,
        detail: str = "The database broke off while it stored; the record may be there or not.",
    ) -> None:
        super().__init__(detail)


class AuthUnavailable(Unavailable):
    def __init__(self, detail: str = "The identity service cannot be reached.") -> None:
        super().__init__(detail)
