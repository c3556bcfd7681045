"""ID tokens of Firebase: a bearer token becomes a user."""

import logging
import time
from collections.abc import Callable, Mapping
from json import JSONDecodeError
from typing import Any, Final, NoReturn

from shared.auth.firebase import Client, Firebase
from shared.auth.roles import User, user_from
from shared.errors import AuthUnavailable, Unauthenticated

_log = logging.getLogger(__name__)

CLOCK_SKEW_SECONDS: Final = 10
MAX_TOKEN_LENGTH: Final = 8192
"""Firebase's own tokens stay below 2,500 characters: claims are limited to 1,000."""

type Claims = Mapping[str, Any]


class TokenVerifier:
    """RS256, audience, issuer, expiry and revocation, as firebase-admin checks them."""

    def __init__(self, firebase: Firebase, *, now: Callable[[], float] = time.time) -> None:
        self._firebase, self._now = firebase, now
        self._warned = False

    async def verify(self, token: str) -> User:
        """The user of this token, who is not disabled, deleted or logged out now.

        Raises Unauthenticated for a token that is not valid; AuthUnavailable when Firebase cannot
        be reached or is not set up. Without a credential revocation cannot be checked: then even a
        valid token raises AuthUnavailable, and the log says once why.
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
            raise AuthUnavailable("Whether this sign-in was revoked cannot be checked here.")
        return user_from(claims)

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            _log.error(
                "FIREBASE_CREDENTIALS is needed to check whether a sign-in was revoked; until it "
                "is set, every request that needs a user is answered with 503"
            )

    def _check_times(self, claims: Claims) -> None:
        """firebase-admin does not check them in emulator mode."""
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
        # firebase-admin raises these for tokens with JSON of unexpected types.
        _refuse()
    return claims


def _refuse() -> NoReturn:
    """Raise one error for every reason: it helps no attacker, and logs no part of a token."""
    raise Unauthenticated("The bearer token is invalid, expired or revoked.") from None
