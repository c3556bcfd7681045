"""Ending all sign-ins of a user."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from shared.auth.firebase import Client, Firebase


class Sessions:
    """Revokes tokens through Firebase, which counts in whole seconds.

    A token issued in the same second as its revocation would stay valid. So the revocation waits
    for the next second (at most one): when `end` returns, every token issued before it was called
    is refused, and every later one is accepted.
    """

    def __init__(
        self,
        firebase: Firebase,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._firebase, self._now, self._sleep = firebase, now, sleep

    async def end(self, uid: str) -> None:
        """Revoke the user's tokens; a deleted user has none. Raises AuthUnavailable."""
        second = math.floor(self._now()) + 1
        while (left := second - self._now()) > 0:
            await self._sleep(min(left, 1))
            # If the clock was set back meanwhile, wait for its next second, not for the old one.
            second = min(second, math.floor(self._now()) + 1)
        await self._firebase.call(lambda client: _revoke(client, uid))


def _revoke(client: Client, uid: str) -> None:
    from firebase_admin import auth

    try:
        client.revoke_refresh_tokens(uid)
    except auth.UserNotFoundError:
        return
