"""Signing up, in and out, through Firebase's Identity Toolkit."""

import asyncio
import logging
import math
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from shared.auth.credentials import (
    display_name_objection,
    email_objection,
    normalised_email,
    password_objection,
)
from shared.auth.identity_toolkit import Refused, Toolkit, Unanswered
from shared.auth.roles import User
from shared.auth.sessions import Sessions
from shared.errors import (
    AlreadyExists,
    ApiError,
    AuthUnavailable,
    FieldError,
    Forbidden,
    Invalid,
    TooManyRequests,
    Unauthenticated,
)
from shared.runtime import Clock

_log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 0.5
"""A refused login is answered a whole multiple of this after it began.

Firebase answers faster for an unknown e-mail than for a wrong password. Both answers take far less
than this, so the caller cannot see the difference (OWASP ASVS 5.0, 6.3.8)."""

RETRY_SECONDS: Final = 60
"""Sent as Retry-After: Firebase does not say for how long it refuses further attempts."""

_SECONDS: Final = re.compile(r"[0-9]{1,9}")

_PERHAPS_CREATED: Final = (
    "The sign-in service (Firebase) did not confirm the new user: log in to see if it was created."
)

_WRONG_LOGIN: Final = frozenset(
    {
        "EMAIL_NOT_FOUND",
        "INVALID_EMAIL",
        "INVALID_LOGIN_CREDENTIALS",
        "INVALID_PASSWORD",
        "MISSING_EMAIL",
        "MISSING_PASSWORD",
        "USER_DISABLED",
        "USER_NOT_FOUND",
    }
)
_WRONG_REFRESH: Final = frozenset(
    {
        "INVALID_GRANT_TYPE",
        "INVALID_REFRESH_TOKEN",
        "MISSING_REFRESH_TOKEN",
        "PROJECT_NUMBER_MISMATCH",
        "TOKEN_EXPIRED",
        "USER_DISABLED",
        "USER_NOT_FOUND",
    }
)


@dataclass(frozen=True, slots=True)
class SignedUp:
    uid: str
    email: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a sign-in; `expires_in` is in seconds."""

    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    uid: str


class Accounts:
    """Every method raises AuthUnavailable if Firebase cannot be reached or is not set up."""

    def __init__(
        self,
        toolkit: Toolkit,
        sessions: Sessions,
        *,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._toolkit, self._sessions = toolkit, sessions
        self._clock, self._sleep = clock, sleep

    async def sign_up(self, email: str, password: str, display_name: str = "") -> SignedUp:
        """Create a user. Raises Invalid, AlreadyExists or TooManyRequests."""
        address = normalised_email(email)
        _check(address, password, display_name)
        body = {"email": address, "password": password, "returnSecureToken": True}
        if display_name:
            body["displayName"] = display_name
        try:
            answer = await self._toolkit.call("signUp", body)
            return SignedUp(uid=_text(answer, "localId"), email=address)
        except Refused as refused:
            raise _sign_up_error(refused.code) from None
        except Unanswered:
            raise AuthUnavailable(_PERHAPS_CREATED) from None

    async def log_in(self, email: str, password: str) -> Tokens:
        """Return tokens if the password is right. Raises Unauthenticated or TooManyRequests.

        Unknown e-mail, wrong password and disabled user get the same answer after the same time.
        """
        began = self._clock()
        address = normalised_email(email)
        body = {"email": address, "password": password, "returnSecureToken": True}
        try:
            answer = await self._toolkit.call("signInWithPassword", body)
        except Refused as refused:
            await self._until_next_beat(began)
            raise _refusal(refused.code, _WRONG_LOGIN, "E-mail or password is wrong.") from None
        return _tokens(answer, "idToken", "refreshToken", "expiresIn", "localId")

    async def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens; the old refresh token may stay valid. Raises Unauthenticated."""
        try:
            answer = await self._toolkit.exchange(refresh_token)
        except Refused as refused:
            wrong = "The refresh token is invalid, expired or revoked."
            raise _refusal(refused.code, _WRONG_REFRESH, wrong) from None
        return _tokens(answer, "id_token", "refresh_token", "expires_in", "user_id")

    async def log_out(self, user: User) -> None:
        """End all sign-ins of the user: see Sessions.end."""
        await self._sessions.end(user.uid)

    async def close(self) -> None:
        await self._toolkit.close()

    async def _until_next_beat(self, began: float) -> None:
        elapsed = self._clock() - began
        await self._sleep(math.ceil(elapsed / BEAT_SECONDS) * BEAT_SECONDS - elapsed)


def _check(address: str, password: str, display_name: str) -> None:
    objections = {
        "email": email_objection(address),
        "password": password_objection(password),
        "displayName": display_name_objection(display_name),
    }
    wrong = [FieldError(name, text) for name, text in objections.items() if text]
    if wrong:
        raise Invalid(wrong)


def _sign_up_error(code: str) -> ApiError:
    match code:
        case "EMAIL_EXISTS":
            return AlreadyExists("A user with this e-mail exists already.")
        case "INVALID_EMAIL" | "MISSING_EMAIL":
            return Invalid([FieldError("email", "must be an e-mail address")])
        case "WEAK_PASSWORD" | "PASSWORD_DOES_NOT_MEET_REQUIREMENTS" | "MISSING_PASSWORD":
            return Invalid([FieldError("password", "does not meet this project's password policy")])
        case "ADMIN_ONLY_OPERATION":
            return Forbidden("Sign-up is disabled: only an operator can create users.")
    return _general_error(code)


def _refusal(code: str, wrong: frozenset[str], detail: str) -> ApiError:
    return Unauthenticated(detail) if code in wrong else _general_error(code)


def _general_error(code: str) -> ApiError:
    if code == "TOO_MANY_ATTEMPTS_TRY_LATER":
        return TooManyRequests("Too many attempts; try again later.", RETRY_SECONDS)
    _log.error("Identity Toolkit answered with the unexpected error %s", code)
    return AuthUnavailable()


def _tokens(answer: dict[str, Any], id_: str, refresh: str, expires: str, uid: str) -> Tokens:
    seconds = _text(answer, expires)
    if not _SECONDS.fullmatch(seconds):
        raise _malformed(expires)
    return Tokens(
        id_token=_text(answer, id_),
        refresh_token=_text(answer, refresh),
        expires_in=int(seconds),
        uid=_text(answer, uid),
    )


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise _malformed(name)
    return value


def _malformed(name: str) -> Unanswered:
    _log.error("Identity Toolkit answered without a usable %s", name)
    return Unanswered()
