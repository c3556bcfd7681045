"""Issuers of ID tokens: unsigned ones as the emulator's, and signed ones as Google's."""

import base64
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.services import AUTH_PROJECT
from shared.auth.firebase import EMULATOR_VARIABLE, Firebase, anonymous, build_client
from shared.runtime import ThreadWorkers
from tests.auth.certificate_server import KEY_ID

ISSUED_AGO = 60
"""Seconds: long enough that a revocation now is later than the token, in whole seconds."""


def claims_of(uid: str, **changes: Any) -> dict[str, Any]:
    """Claims as in Firebase's tokens, issued a minute ago; None removes a claim."""
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{AUTH_PROJECT}",
        "aud": AUTH_PROJECT,
        "auth_time": now - ISSUED_AGO,
        "user_id": uid,
        "sub": uid,
        "iat": now - ISSUED_AGO,
        "exp": now + 3600 - ISSUED_AGO,
        "email": f"{uid}@example.org",
        "name": "Ada Lovelace",
        "firebase": {"identities": {}, "sign_in_provider": "password"},
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


@dataclass
class Issuer:
    """Makes tokens, and has the Firebase that accepts them; its users are in the emulator."""

    firebase: Firebase
    users: Any
    key: rsa.RSAPrivateKey | None = None

    def token(self, uid: str, **changes: Any) -> str:
        return self.sign(claims_of(uid, **changes))

    def sign(self, claims: dict[str, Any]) -> str:
        if self.key is None:
            return jwt.encode(claims, "", algorithm="none")
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": KEY_ID})

    def new_user(self) -> str:
        """Create a user before the tokens above were issued; return the uid."""
        uid = f"u{uuid.uuid4().hex}"
        self.users.create_user(uid=uid, email=f"{uid}@example.org")
        self.users.update_user(uid, valid_since=int(time.time()) - 2 * ISSUED_AGO)
        return uid


def emulator_issuer(host: str, patch: pytest.MonkeyPatch) -> Issuer:
    """As in `make run`: the emulator's unsigned tokens are accepted."""
    patch.setenv(EMULATOR_VARIABLE, host)

    def build() -> Any:
        return build_client(AUTH_PROJECT, anonymous())

    firebase = Firebase(build, ThreadWorkers(2, "test"), emulator_host=host)
    return Issuer(firebase, build())


def signing_issuer(
    host: str, certificates: str, key: rsa.RSAPrivateKey, patch: pytest.MonkeyPatch
) -> Issuer:
    """As in production, except for the addresses of certificates and users.

    firebase-admin reads the emulator's variable twice: when a client is built, for the address of
    the users, and at each verification, for whether to check signatures.
    """
    from firebase_admin import _token_gen

    patch.setattr(_token_gen, "ID_TOKEN_CERT_URI", certificates)
    patch.setenv(EMULATOR_VARIABLE, host)
    client = build_client(AUTH_PROJECT, anonymous())
    patch.delenv(EMULATOR_VARIABLE)
    return Issuer(Firebase(lambda: client, ThreadWorkers(2, "test")), client, key)


def segment(value: Any) -> str:
    """A part of a token: JSON as base64url without padding."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
