"""ID tokens of Firebase, as the project's users present them."""

import logging
import time
from collections.abc import Callable, Mapping
from json import JSONDecodeError
from typing import Any, Final, NoReturn

from shared.auth.firebase import Client, Firebase
from shared.auth.user import User, user_from
from shared.errors import AuthUnavailable, Unauthenticated

_log = logging.getLogger(__name__)

CLOCK_SKEW_SECONDS: Final = 10
MAX_TOKEN_LENGTH: Final = 8192
"""Firebase's own tokens stay below 2,500 characters: claims are limited to 1,000."""

_CONSEQUENCE: Final = "requests that need a user are refused"

type Claims = Mapping[str, Any]


class FirebaseVerifier:
    """RS256, audience, issuer, expiry and revocation, as firebase-admin checks them."""

    def __init__(self, firebase: Firebase, *, now: Callable[[], float] = time.time) -> None:
        self._firebase, self._now = firebase, now
        self._warned = False

    async def verify(self, token: str) -> User:
        """The user of this ID token, who is not disabled, deleted or logged out now.

        Raises Unauthenticated for a token that is not valid; AuthUnavailable when Firebase cannot
        be reached or is not set up. Without a credential (see Firebase.verifies_only) revocation
        cannot be checked, so no user is let in: AuthUnavailable, logged once.
        """
        if len(token) > MAX_TOKEN_LENGTH:
            _refuse()
        check_revoked = not self._firebase.verifies_only
        claims = await self._firebase.call(
            lambda client: _verified(client, token, check_revoked=check_revoked)
        )
        if self._firebase.emulated:
            self._check_times(claims)
        if not check_revoked:
            self._warn()
            raise AuthUnavailable("Whether this sign-in still holds cannot be checked here.")
        return user_from(claims)

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            _log.error("FIREBASE_CREDENTIALS is needed to see who logged out: %s", _CONSEQUENCE)

    def _check_times(self, claims: Claims) -> None:
        """Firebase-admin does not look at them in emulator mode."""
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or not isinstance(expires, int):
            _refuse()
        if not issued - CLOCK_SKEW_SECONDS <= self._now() < expires + CLOCK_SKEW_SECONDS:
            _refuse()


def _verified(client: Client, token: str, *, check_revoked: bool) -> Claims:
    from firebase_admin import auth

    try:
        claims: Claims = client.verify_id_token(
            token, check_revoked=check_revoked, clock_skew_seconds=CLOCK_SKEW_SECONDS
        )
    except auth.InvalidIdTokenError as error:
        if isinstance(error.cause, JSONDecodeError):
            # Of all that is parsed here, only the list of certificates leaves this error bare:
            # some proxy answered 200 with a page of its own.
            raise AuthUnavailable from None
        _refuse()
    except (auth.UserDisabledError, auth.UserNotFoundError):
        _refuse()
    except (ValueError, TypeError, AttributeError):
        # What its parser answers to JSON of shapes that no issuer writes.
        _refuse()
    return claims


def _refuse() -> NoReturn:
    """One answer for all: a caller learns nothing of why, and no log gets a piece of a token."""
    raise Unauthenticated("The bearer token is not valid, or not any more.") from None
