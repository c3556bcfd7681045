"""Identity from the settings: nothing is imported or connected before its first use."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shared.auth.accounts import Accounts
from shared.auth.firebase import Client, Firebase
from shared.auth.firebase_client import (
    NOT_SET_UP,
    anonymous,
    application_default,
    build_client,
    service_account,
)
from shared.auth.identity_toolkit import Toolkit
from shared.auth.rate_counters import MemoryCounters, redis_counters
from shared.auth.rate_limits import RateLimits
from shared.auth.roles import Roles
from shared.auth.sessions import Sessions
from shared.auth.token_verifier import FirebaseVerifier
from shared.errors import AuthUnavailable
from shared.runtime import Workers
from shared.settings import Settings

DEFAULT_CREDENTIALS: Final = "GOOGLE_APPLICATION_CREDENTIALS"
"""Google's own name for the path of a credential, federated ones included."""


@dataclass(frozen=True, slots=True)
class Identity:
    """All that the handlers and the CLI need; one of each per process."""

    verifier: FirebaseVerifier
    accounts: Accounts
    roles: Roles
    limits: RateLimits

    async def close(self) -> None:
        await self.accounts.close()
        await self.limits.close()


def connect(settings: Settings, workers: Workers) -> Identity:
    """Build identity; `workers` should be its own, with a few threads.

    Where Firebase is not set up, everything that needs it raises AuthUnavailable.
    """
    firebase = connect_firebase(settings, workers)
    sessions = Sessions(firebase)
    emulator = settings.firebase_auth_emulator_host
    toolkit = Toolkit(settings.firebase_api_key, emulator, workers)
    return Identity(
        verifier=FirebaseVerifier(firebase),
        accounts=Accounts(toolkit, sessions),
        roles=Roles(firebase, sessions),
        limits=connect_limits(settings, workers),
    )


def connect_firebase(settings: Settings, workers: Workers) -> Firebase:
    """The client of firebase-admin, built at its first use."""
    emulator = settings.firebase_auth_emulator_host
    given = bool(settings.firebase_credentials.get_secret_value())
    return Firebase(
        _builder(settings),
        workers,
        emulator_host=emulator,
        verifies_only=not (emulator or given or os.environ.get(DEFAULT_CREDENTIALS))
        and bool(settings.firebase_project_id),
    )


def connect_limits(settings: Settings, workers: Workers) -> RateLimits:
    """Counters in Redis when there is one, and in the process."""
    shared = redis_counters(settings.redis_url, workers) if settings.uses_redis else None
    return RateLimits(MemoryCounters(workers), shared)


def _builder(settings: Settings) -> Callable[[], Client]:
    project, credentials = settings.firebase_project_id, settings.firebase_credentials

    def build() -> Client:
        if not project:
            raise AuthUnavailable(NOT_SET_UP)
        if settings.firebase_auth_emulator_host:
            return build_client(project, anonymous())
        if credentials.get_secret_value():
            return build_client(project, service_account(credentials))
        if os.environ.get(DEFAULT_CREDENTIALS):
            return build_client(project, application_default())
        return build_client(project, anonymous())

    return build
