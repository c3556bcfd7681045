"""The port through which every handler learns who calls."""

from typing import Protocol

from shared.auth.user import User


class TokenVerifier(Protocol):
    async def verify(self, token: str, *, fresh: bool) -> User:
        """The user whom this ID token names.

        With `fresh`, Firebase is asked whether the user was disabled, deleted or logged out since;
        without, an answer to that may be up to a minute old.

        Raises Unauthenticated for every token that is not good now, and AuthUnavailable when that
        cannot be told: certificates or users out of reach, or identity not set up.
        """
        ...
