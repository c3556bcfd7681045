"""How the client of firebase-admin is built from the settings."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from shared.auth.firebase import Client
from shared.errors import AuthUnavailable

_log = logging.getLogger(__name__)

HTTP_SECONDS: Final = 3.0
"""For each request of firebase-admin, whose own default is 120 s."""

NOT_SET_UP: Final = "Sign-in is not set up here."


def build_client(project_id: str, credential: Any) -> Client:
    """A client of the project. In emulator mode the variable must be set while it is built."""
    import firebase_admin
    from firebase_admin import auth

    options = {"projectId": project_id, "httpTimeout": HTTP_SECONDS}
    # Not initialize_app, which keeps the app in a registry of the process.
    return auth.Client(firebase_admin.App("smart-cache", credential, options))


def anonymous() -> Any:
    """Enough to verify tokens, and for the emulator; not to look users up."""
    from google.auth.credentials import AnonymousCredentials

    make: Callable[[], Any] = AnonymousCredentials
    return make()


def application_default() -> Any:
    """What GOOGLE_APPLICATION_CREDENTIALS names, workload identity federation included."""
    from firebase_admin import credentials

    return credentials.ApplicationDefault()


def service_account(text: SecretStr) -> Any:
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
