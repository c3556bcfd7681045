"""How many requests are allowed: per address, and per account at one address.

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
from shared.auth.credentials import normalised_email
from shared.errors import TooManyRequests
from shared.runtime import Clock, boottime

_log = logging.getLogger(__name__)

SHARED_TIMEOUT: Final = 0.5
"""Seconds that a request waits for the shared counters before it is counted in the process.

It bounds the wait in a busy process. For a Redis that does not answer, the client's own timeout is
shorter."""

PAUSE_SECONDS: Final = 5.0
"""How long the shared counters are not used after an error."""

MAX_DELAY_SECONDS: Final = 2.0
DELAY_STEP_SECONDS: Final = 0.1
HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Policy:
    """The rates of an action, in the notation of the `limits` library.

    `per_account` is counted for each account at each address. `undelayed`: an account's requests
    per hour, from all addresses together, that are answered without a delay.
    """

    per_account: str
    per_address: str
    undelayed: int


POLICIES: Final[Mapping[str, Policy]] = {
    # OWASP ASVS 4.0.3, 2.2.1, allows 100 guesses an hour; nobody mistypes ten times a minute. An
    # office or a campus shares an address, hence more for it.
    "login": Policy("10/minute; 100/hour", "60/minute; 600/hour", undelayed=60),
    # Each creates a user, and shows whether an e-mail is registered.
    "signup": Policy("5/minute; 20/hour", "30/minute; 200/hour", undelayed=10),
    # Each removes a list from the cache. Signed-in editors, by hand or by script: 20 a second.
    "new": Policy("1200/minute", "2400/minute", undelayed=36_000),
}


class CountersUnavailable(Exception):
    """The counters cannot be used; the text is the name of the error that was its cause."""


class Counters(Protocol):
    """Every method but `close` may raise CountersUnavailable."""

    async def prepare(self) -> None:
        """Load the library and connect, at the first call.

        Await it outside of every timeout: it may take longer than one, and happens once.
        """
        ...

    async def wait(self, key: str, rates: str) -> float:
        """Return what `spend` would, without counting anything."""
        ...

    async def spend(self, key: str, rates: str) -> float:
        """Count one request. Return 0 if all rates allow it, else seconds until it is allowed."""
        ...

    async def count(self, key: str, seconds: int) -> int:
        """Count one event; return how many there were in the current window of so many seconds."""
        ...

    async def close(self) -> None: ...


class RateLimits:
    """Counts in `shared` (Redis), and while that is unavailable in `local`, by the same rates."""

    def __init__(
        self,
        local: Counters,
        shared: Counters | None = None,
        *,
        policies: Mapping[str, Policy] = POLICIES,
        timeout: float = SHARED_TIMEOUT,
        clock: Clock = boottime,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._local, self._shared, self._policies = local, shared, policies
        self._timeout = timeout
        self._clock, self._sleep = clock, sleep
        self._paused_until = float("-inf")

    async def check(self, action: str, address: str, account: str | None) -> None:
        """Count one request; wait where the account is used too often.

        Raises TooManyRequests, with Retry-After, beyond the rates of the action. An UNKNOWN address
        is shared by strangers, so it is slowed and not refused.
        """
        wait, delay = await self._checked(self._policies[action], action, address, account)
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

    async def _checked(
        self, policy: Policy, action: str, address: str, account: str | None
    ) -> tuple[float, float]:
        if self._shared and self._clock() >= self._paused_until:
            try:
                await self._shared.prepare()
                async with asyncio.timeout(self._timeout):
                    return await _check(self._shared, policy, action, address, account)
            except (CountersUnavailable, TimeoutError) as error:
                self._pause(error)
        await self._local.prepare()
        return await _check(self._local, policy, action, address, account)

    def _pause(self, error: Exception) -> None:
        """Do not use the shared counters for a while; of requests at once, one logs why."""
        now = self._clock()
        if now >= self._paused_until:
            _log.warning(
                "Redis cannot be used (%s): rate limits are counted in the process for %.0f s",
                error if isinstance(error, CountersUnavailable) else type(error).__name__,
                PAUSE_SECONDS,
            )
        self._paused_until = now + PAUSE_SECONDS


async def _check(
    counters: Counters, policy: Policy, action: str, address: str, account: str | None
) -> tuple[float, float]:
    """Seconds until the request is allowed (0: now), and seconds to delay its answer by."""
    name = _account_key(account) if account else ""
    wait = 0.0
    if name:
        # First, so that an address that is refused creates no key for each account that it names.
        wait = await counters.wait(f"{action}:{address}", policy.per_address)
        wait = wait or await counters.spend(f"{action}:{name}:{address}", policy.per_account)
    wait = wait or await counters.spend(f"{action}:{address}", policy.per_address)
    if wait or not name:
        return wait, 0.0
    total = await counters.count(f"{action}:{name}", HOUR)
    return 0.0, min(MAX_DELAY_SECONDS, max(0, total - policy.undelayed) * DELAY_STEP_SECONDS)


def _account_key(account: str) -> str:
    """A hash, the same for every spelling of an e-mail: no e-mail is stored in Redis."""
    text = normalised_email(account).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]
