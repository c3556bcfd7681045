"""firebase-admin beside the event loop: built at the first use, in threads, with a bounded wait."""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any, Final

from shared.errors import AuthUnavailable
from shared.imports import IMPORTING
from shared.runtime import Workers

_log = logging.getLogger(__name__)

EMULATOR_VARIABLE: Final = "FIREBASE_AUTH_EMULATOR_HOST"
"""firebase-admin reads it at every verification: where it is set, signatures are not checked."""

CALL_SECONDS: Final = 5.0
"""The longest that a caller waits, all retries of firebase-admin included."""

type Client = Any
"""A firebase_admin.auth.Client; the package ships without types."""


class Firebase:
    """One lazily built client; `build` raises AuthUnavailable when there is no way to one.

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
        self._build, self._workers = build, workers
        self._emulator_host = emulator_host
        self._client: Client = None
        self.verifies_only = verifies_only

    @property
    def emulated(self) -> bool:
        return bool(self._emulator_host)

    async def call[T](self, work: Callable[[Client], T]) -> T:
        """Run `work` with the client in a thread. Raises what `work` raises, or AuthUnavailable.

        Faults of the network and of Google, after `work` had its chance, become AuthUnavailable.
        """
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await self._workers.run(self._run, work)
        except TimeoutError:
            raise AuthUnavailable("The identity service answers too late.") from None

    def _run[T](self, work: Callable[[Client], T]) -> T:
        with IMPORTING:
            from firebase_admin.exceptions import FirebaseError
            from google.auth.exceptions import GoogleAuthError

        self._agree_on_emulation()
        try:
            return work(self._connected())
        except (FirebaseError, GoogleAuthError) as error:
            # Neither chained nor printed: these texts quote requests, tokens and credentials.
            _log.warning("Firebase cannot be used: %s", type(error).__name__)
            raise AuthUnavailable from None

    def _agree_on_emulation(self) -> None:
        if self.emulated:
            os.environ[EMULATOR_VARIABLE] = self._emulator_host
        elif os.environ.get(EMULATOR_VARIABLE):
            _log.critical("%s is set behind the settings: no token is trusted", EMULATOR_VARIABLE)
            raise AuthUnavailable("The identity service is not set up correctly.")

    def _connected(self) -> Client:
        with IMPORTING:
            if self._client is None:
                self._client = self._build()
            return self._client
