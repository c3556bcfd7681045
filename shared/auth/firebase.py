"""The client of firebase-admin: built from the settings at its first use, called in threads."""

import asyncio
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared.errors import AuthUnavailable
from shared.imports import BuiltOnce
from shared.runtime import Workers

if TYPE_CHECKING:  # `shared.cli` imports this module, and must start quickly
    from pydantic import SecretStr

    from shared.settings import Settings

_log = logging.getLogger(__name__)

EMULATOR_VARIABLE: Final = "FIREBASE_AUTH_EMULATOR_HOST"
"""firebase-admin reads it at every verification: where it is set, signatures are not checked."""

CALL_SECONDS: Final = 5.0
"""The longest that a caller waits for an answer, all retries of firebase-admin included."""

HTTP_SECONDS: Final = 3.0
"""For each request of firebase-admin, whose own default is 120 s."""

NOT_SET_UP: Final = "Sign-in is not set up here."

type Client = Any
"""A firebase_admin.auth.Client; the package ships without types."""


class Firebase:
    """One client, built at the first call; `build` raises AuthUnavailable when it cannot.

    `verifies_only`: there is no credential, so tokens can be verified but users not looked up.
    """

    def __init__(
        self,
        build: Callable[[], Client],
        workers: Workers,
        *,
        emulator_host: str = "",
        verifies_only: bool = False,
    ) -> None:
        self._workers = workers
        self._emulator_host = emulator_host
        self._client = BuiltOnce(lambda: self._translated(lambda: _with_library(build)), workers)
        self.verifies_only = verifies_only

    @property
    def emulated(self) -> bool:
        return bool(self._emulator_host)

    async def call[T](self, work: Callable[[Client], T]) -> T:
        """Run `work` with the client in a thread. Raises what `work` raises, or AuthUnavailable.

        Errors of firebase-admin that `work` does not catch become AuthUnavailable.
        """
        client = await self._client.get()
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await self._workers.run(self._translated, lambda: work(client))
        except TimeoutError:
            raise AuthUnavailable("The sign-in service (Firebase) answers too late.") from None

    def _translated[T](self, work: Callable[[], T]) -> T:
        """Run `work` with AuthUnavailable in place of the errors of firebase-admin."""
        from firebase_admin.exceptions import FirebaseError
        from google.auth.exceptions import GoogleAuthError

        self._set_emulator_variable()
        try:
            return work()
        except (FirebaseError, GoogleAuthError, OSError) as error:
            # Neither chained nor printed: these texts quote requests, tokens and credentials. An
            # OSError says that the certificates of REQUESTS_CA_BUNDLE cannot be read.
            _log.warning("Firebase cannot be used: %s", type(error).__name__)
            raise AuthUnavailable from None

    def _set_emulator_variable(self) -> None:
        """Set it for our emulator. Raises AuthUnavailable when it is set and not our setting."""
        if self.emulated:
            os.environ[EMULATOR_VARIABLE] = self._emulator_host
        elif os.environ.get(EMULATOR_VARIABLE):
            _log.critical(
                "%s was set after the settings were read: every token is refused, because "
                "firebase-admin would not check signatures",
                EMULATOR_VARIABLE,
            )
            raise AuthUnavailable("Sign-in is not set up correctly here.")


def connect_firebase(settings: "Settings", workers: Workers) -> Firebase:
    """Firebase as the settings describe it; nothing is imported or connected yet."""
    emulator = settings.firebase_auth_emulator_host
    given = bool(settings.firebase_credentials.get_secret_value())
    return Firebase(
        lambda: _client_from(settings),
        workers,
        emulator_host=emulator,
        verifies_only=not (emulator or given or settings.default_credentials)
        and bool(settings.firebase_project_id),
    )


def _with_library(build: Callable[[], Client]) -> Client:
    import firebase_admin.auth  # noqa: F401 -- loaded here, so that no call has to wait for it

    return build()


def build_client(project_id: str, credential: Any) -> Client:
    """A client of the project. In emulator mode the variable must be set while it is built."""
    import firebase_admin
    from firebase_admin import auth

    options = {"projectId": project_id, "httpTimeout": HTTP_SECONDS}
    # Not initialize_app, which keeps the app in a registry of the process.
    return auth.Client(firebase_admin.App("smart-cache", credential, options))


def anonymous() -> Any:
    """A credential that can verify tokens and use the emulator, but cannot look users up."""
    from google.auth.credentials import AnonymousCredentials

    make: Callable[[], Any] = AnonymousCredentials
    return make()


def _client_from(settings: "Settings") -> Client:
    if not settings.firebase_project_id:
        raise AuthUnavailable(NOT_SET_UP)
    return build_client(settings.firebase_project_id, _credential(settings))


def _credential(settings: "Settings") -> Any:
    if settings.firebase_auth_emulator_host:
        return anonymous()
    if settings.firebase_credentials.get_secret_value():
        return _service_account(settings.firebase_credentials)
    if settings.default_credentials:
        from firebase_admin import credentials

        return credentials.ApplicationDefault()
    return anonymous()


def _service_account(text: "SecretStr") -> Any:
    """From JSON text, or the file at this path. Raises AuthUnavailable and logs what is wrong."""
    from firebase_admin import credentials

    try:
        return credentials.Certificate(_account_info(text.get_secret_value().strip()))
    except (OSError, ValueError) as error:
        # The error's own text may quote the key.
        _log.error(
            "FIREBASE_CREDENTIALS is no service account, as JSON or as the path of a file: %s",
            type(error).__name__,
        )
        raise AuthUnavailable(NOT_SET_UP) from None


def _account_info(text: str) -> Any:
    return json.loads(text if text.startswith("{") else Path(text).read_text("utf-8"))
