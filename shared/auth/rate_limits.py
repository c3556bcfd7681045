"""How often one may ask: per address, and per account at one address.

No stranger can lock a user out: a refusal always needs the user's own address. An account's total
over all addresses only slows its answers down.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from shared.auth.client_address import UNKNOWN
from shared.auth.emails import normalised
from shared.errors import TooManyRequests
from shared.runtime import Clock, boottime

_log = logging.getLogger(__name__)

SHARED_SECONDS: Final = 0.1
"""What a request may wait for the shared counters before it counts in the process."""

PAUSE_SECONDS: Final = 5.0
"""How long the shared counters are left alone after a fault."""

MAX_DELAY_SECONDS: Final = 2.0
DELAY_STEP_SECONDS: Final = 0.1
HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `amount` in any `seconds`."""

    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Policy:
    """`unhurried`: an account's requests per hour, from anywhere, before each adds a delay."""

    per_account: tuple[Rate, ...]
    per_address: tuple[Rate, ...]
    unhurried: int


POLICIES: Final[Mapping[str, Policy]] = {
    # 100 guesses an hour is what OWASP ASVS 4.0.3, 2.2.1, allows; nobody mistypes ten times a
    # minute. An office or a campus shares an address, hence more for it.
    "login": Policy((Rate(10, 60), Rate(100, HOUR)), (Rate(60, 60), Rate(600, HOUR)), 60),
    # Each creates a user, and tells whether an e-mail is known.
    "signup": Policy((Rate(5, 60), Rate(20, HOUR)), (Rate(30, 60), Rate(200, HOUR)), 10),
    # Each removes a list from the cache. Signed-in editors, by hand or by script: 20 a second.
    "new": Policy((Rate(1200, 60),), (Rate(2400, 60),), 36_000),
}


class CountersUnavailable(Exception):
    """The counters cannot be reached."""


class Counters(Protocol):
    """Both of `spend` and `count` raise CountersUnavailable; neither is called before `prepare`."""

    async def prepare(self) -> None:
        """Load what takes long to load, beside the event loop; at once when that is done."""
        ...

    async def spend(self, key: str, rate: Rate) -> float:
        """Count one request. 0 when the rate allows it, else seconds until it does."""
        ...

    async def count(self, key: str, seconds: int) -> int:
        """Count one event; how many there were in the current window of so many seconds."""
        ...

    async def close(self) -> None: ...


class RateLimits:
    """Counts in `shared` (Redis), and while that is away in `local`, by the same rates."""

    def __init__(
        self,
        local: Counters,
        shared: Counters | None = None,
        *,
        policies: Mapping[str, Policy] = POLICIES,
        patience: float = SHARED_SECONDS,
        clock: Clock = boottime,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._local, self._shared, self._policies = local, shared, policies
        self._patience = patience
        self._clock, self._sleep = clock, sleep
        self._paused_until = float("-inf")

    async def check(self, action: str, address: str, account: str | None) -> None:
        """Count one request; wait where the account is used too often.

        Raises TooManyRequests, with Retry-After, beyond the rates of the action. An UNKNOWN address
        is shared by strangers, so it is slowed and not refused.
        """
        wait, delay = await self._judged(self._policies[action], action, address, account)
        if wait and address == UNKNOWN:
            delay = MAX_DELAY_SECONDS
        elif wait:
            seconds = max(1, round(wait + 0.5))
            raise TooManyRequests(f"Too many requests; try again in {seconds} s.", seconds)
        if delay:
            await self._sleep(delay)

    async def close(self) -> None:
        for counters in filter(None, (self._local, self._shared)):
            await counters.close()

    async def _judged(
        self, policy: Policy, action: str, address: str, account: str | None
    ) -> tuple[float, float]:
        if self._shared and self._clock() >= self._paused_until:
            await self._shared.prepare()
            try:
                async with asyncio.timeout(self._patience):
                    return await _judge(self._shared, policy, action, address, account)
            except (CountersUnavailable, TimeoutError):
                self._paused_until = self._clock() + PAUSE_SECONDS
                _log.warning("rate limits are counted in the process for %.0f s", PAUSE_SECONDS)
        await self._local.prepare()
        return await _judge(self._local, policy, action, address, account)


async def _judge(
    counters: Counters, policy: Policy, action: str, address: str, account: str | None
) -> tuple[float, float]:
    """Seconds until the request is allowed (0: now), and the delay that its account has earned."""
    name = _account_key(account) if account else ""
    if name:
        for rate in policy.per_account:
            if wait := await counters.spend(f"{action}:{name}:{address}", rate):
                return wait, 0.0
    for rate in policy.per_address:
        if wait := await counters.spend(f"{action}:{address}", rate):
            return wait, 0.0
    total = await counters.count(f"{action}:{name}", HOUR) if name else 0
    return 0.0, min(MAX_DELAY_SECONDS, max(0, total - policy.unhurried) * DELAY_STEP_SECONDS)


def _account_key(account: str) -> str:
    """The same for every spelling of an e-mail, and no e-mail."""
    text = normalised(account).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]
