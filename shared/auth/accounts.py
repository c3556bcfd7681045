"""Signing up and in, as Firebase's Identity Toolkit does it."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from shared.auth import emails, passwords
from shared.auth.identity_toolkit import Refused, Toolkit
from shared.auth.sessions import Sessions
from shared.auth.user import User
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
"""A refused login is answered a whole number of these after it began.

What Firebase does for an unknown e-mail takes less time than checking a wrong password; both take
far less than this, so the caller sees the same (OWASP ASVS 5.0, 6.3.8)."""

RETRY_SECONDS: Final = 60
"""Firebase does not say for how long it refuses further attempts."""

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
    """What a sign-in gives; `expires_in` is in seconds."""

    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    uid: str


class Accounts:
    """Every method raises AuthUnavailable when Firebase cannot be reached or is not set up."""

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
        address = emails.normalised(email)
        _check(address, password)
        body = {"email": address, "password": password, "returnSecureToken": True}
        if display_name:
            body["displayName"] = display_name
        try:
            answer = await self._toolkit.identity("signUp", body)
        except Refused as refused:
            raise _sign_up_error(refused.code) from None
        return SignedUp(uid=_text(answer, "localId"), email=address)

    async def log_in(self, email: str, password: str) -> Tokens:
        """Tokens for the right password. Raises Unauthenticated or TooManyRequests.

        Unknown e-mail, wrong password and disabled user get the same answer, at the same time.
        """
        began = self._clock()
        address = emails.normalised(email)
        body = {"email": address, "password": password, "returnSecureToken": True}
        try:
            answer = await self._toolkit.identity("signInWithPassword", body)
        except Refused as refused:
            await self._until_next_beat(began)
            raise _refusal(refused.code, _WRONG_LOGIN, "E-mail or password is wrong.") from None
        return _tokens(answer, "idToken", "refreshToken", "expiresIn", "localId")

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens; the old refresh token may go on working. Raises Unauthenticated."""
        try:
            answer = await self._toolkit.exchange(refresh_token)
        except Refused as refused:
            wrong = "The refresh token is not valid, or not any more."
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


def _check(address: str, password: str) -> None:
    objections = {"email": emails.objection(address), "password": passwords.objection(password)}
    wrong = [FieldError(name, text) for name, text in objections.items() if text]
    if wrong:
        raise Invalid(wrong)


def _sign_up_error(code: str) -> ApiError:
    match code:
        case "EMAIL_EXISTS":
            return AlreadyExists("There is a user with this e-mail already.")
        case "INVALID_EMAIL" | "MISSING_EMAIL":
            return Invalid([FieldError("email", "must be an e-mail address")])
        case "WEAK_PASSWORD" | "PASSWORD_DOES_NOT_MEET_REQUIREMENTS" | "MISSING_PASSWORD":
            return Invalid([FieldError("password", "is refused by this project's own rules")])
        case "ADMIN_ONLY_OPERATION":
            return Forbidden("Signing up is closed.")
    return _general_error(code)


def _refusal(code: str, wrong: frozenset[str], detail: str) -> ApiError:
    return Unauthenticated(detail) if code in wrong else _general_error(code)


def _general_error(code: str) -> ApiError:
    if code == "TOO_MANY_ATTEMPTS_TRY_LATER":
        return TooManyRequests("Too many attempts; try again later.", RETRY_SECONDS)
    _log.error("Identity Toolkit answered %s", code)
    return AuthUnavailable()


def _tokens(answer: dict[str, Any], id_: str, refresh: str, expires: str, uid: str) -> Tokens:
    seconds = _text(answer, expires)
    if not seconds.isdecimal():
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


def _malformed(name: str) -> AuthUnavailable:
    _log.error("Identity Toolkit answered without %s", name)
    return AuthUnavailable()
