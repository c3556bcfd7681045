"""What is known of logged out, disabled and deleted users, for a minute at most."""

from collections import OrderedDict
from typing import Final

from shared.runtime import Clock

TRUSTED_SECONDS: Final = 60.0
"""Issue 6, point 7: a check of revocation serves reads for a minute."""

MAX_USERS: Final = 10_000


class CheckedUsers:
    """Who was found in good standing, and when; the least recently used is forgotten first.

    Firebase revokes all tokens issued before a moment, so a check of one token of a user holds
    for those that were issued later.
    """

    def __init__(self, clock: Clock, max_users: int = MAX_USERS) -> None:
        self._clock, self._max_users = clock, max_users
        self._checked: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def holds(self, uid: str, issued_at: float) -> bool:
        """Whether a token of this age was checked within the last minute."""
        known = self._checked.get(uid)
        if known is None:
            return False
        self._checked.move_to_end(uid)
        oldest, at = known
        return oldest <= issued_at and self._clock() - at < TRUSTED_SECONDS

    def note(self, uid: str, issued_at: float, began: float) -> None:
        """A check that began at this reading of the clock found the token good."""
        self._checked[uid] = (issued_at, began)
        self._checked.move_to_end(uid)
        while len(self._checked) > self._max_users:
            self._checked.popitem(last=False)

    def forget(self, uid: str) -> None:
        """Ask again at the user's next request."""
        self._checked.pop(uid, None)
