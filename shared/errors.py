"""Every error that a caller may see, with its HTTP status and its problem type (RFC 9457).

SettingsError is for the operator alone: it ends a start, or a command, before any work.

ApiError
 |- Malformed            400  the request cannot be read
 |- Unauthenticated      401  no token, or an invalid one
 |- Forbidden            403  the user lacks the role
 |- NotFound             404
 |- NotAcceptable        406  no coding that the caller accepts
 |- AlreadyExists        409
 |   `- TrackExists           the genre has a record of this track
 |- PreconditionFailed   412  If-Match names another version of the list or file
 |- TooLarge             413
 |- UnsupportedMedia     415
 |- Invalid              422  one entry per invalid field
 |- TooManyRequests      429  Retry-After
 `- Unavailable          503  Retry-After
     |- DatabaseUnavailable   SQL cannot be reached, or answers too late
     |   `- OutcomeUnknown    a commit was not confirmed
     `- AuthUnavailable       Firebase cannot be reached
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field of a request: its JSON path (`popularity`) and what is wrong with it."""

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
        """Extension members that this problem has beside the usual ones (RFC 9457, 3.2)."""


class Malformed(ApiError):
    status, slug, title = 400, "malformed-request", "Malformed request"


class Unauthenticated(ApiError):
    """RFC 6750, section 3: the challenge names the scheme."""

    status, slug, title = 401, "unauthenticated", "Authentication required"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, {"WWW-Authenticate": "Bearer"})


class Forbidden(ApiError):
    status, slug, title = 403, "forbidden", "Missing role"


class NotFound(ApiError):
    status, slug, title = 404, "not-found", "Not found"


class NotAcceptable(ApiError):
    status, slug, title = 406, "not-acceptable", "Not acceptable"


class AlreadyExists(ApiError):
    status, slug, title = 409, "already-exists", "Already exists"


class TrackExists(AlreadyExists):
    """Answered only once every later read shows the record (docs/protocol.md, rule 31)."""

    def __init__(self) -> None:
        super().__init__("This track is already stored under this genre.")


class PreconditionFailed(ApiError):
    status, slug, title = 412, "precondition-failed", "Precondition failed"


class TooLarge(ApiError):
    status, slug, title = 413, "too-large", "Payload too large"


class UnsupportedMedia(ApiError):
    status, slug, title = 415, "unsupported-media-type", "Unsupported media type"


class Invalid(ApiError):
    status, slug, title = 422, "invalid-fields", "Invalid fields"

    def __init__(self, fields: Sequence[FieldError]) -> None:
        super().__init__("The request has invalid fields; `errors` names each and the reason.")
        self.fields = tuple(fields)


class TooManyRequests(ApiError):
    status, slug, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail, {"Retry-After": str(retry_after)})


class Unavailable(ApiError):
    """A required service cannot be reached, or answers too late."""

    status, slug, title = 503, "unavailable", "Service unavailable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, {"Retry-After": "5"})


class DatabaseUnavailable(Unavailable):
    def __init__(self, detail: str = "The database cannot be reached.") -> None:
        super().__init__(detail)


class OutcomeUnknown(DatabaseUnavailable):
    """The commit was not confirmed: the transaction may have been committed or not."""

    def __init__(
        self,
        detail: str = "The database did not confirm the commit: the record may be stored or not.",
    ) -> None:
        super().__init__(detail)


class AuthUnavailable(Unavailable):
    def __init__(self, detail: str = "The sign-in service (Firebase) cannot be reached.") -> None:
        super().__init__(detail)
