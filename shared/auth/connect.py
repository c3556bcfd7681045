"""All of `auth` from the settings: nothing is imported or connected before its first use."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.auth.accounts import Accounts
from shared.auth.firebase import connect_firebase
from shared.auth.identity_toolkit import Toolkit
from shared.auth.rate_counters import Connections, MemoryCounters, RedisCounters
from shared.auth.rate_limits import RateLimits
from shared.auth.roles import Roles
from shared.auth.sessions import Sessions
from shared.auth.token_verifier import TokenVerifier
from shared.runtime import Workers
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Auth:
    """What the handlers and the CLI need; one of each per process."""

    verifier: TokenVerifier
    accounts: Accounts
    roles: Roles
    limits: RateLimits

    async def close(self) -> None:
        await self.accounts.close()
        await self.limits.close()


def connect(
    settings: Settings, workers: Workers, redis: Callable[[], Connections] | None = None
) -> Auth:
    """Build everything. Without Firebase in the settings, all that needs it raises AuthUnavailable.

    `workers` should be threads of its own: a slow Firebase then blocks no other work. `redis` makes
    the connections of the rate limits; without it they are counted in the process alone.
    """
    firebase = connect_firebase(settings, workers)
    sessions = Sessions(firebase)
    toolkit = Toolkit(settings.firebase_api_key, settings.firebase_auth_emulator_host, workers)
    shared = RedisCounters(redis, workers) if redis else None
    return Auth(
        verifier=TokenVerifier(firebase),
        accounts=Accounts(toolkit, sessions),
        roles=Roles(firebase, sessions),
        limits=RateLimits(MemoryCounters(workers), shared),
    )
