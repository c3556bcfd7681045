"""Users of the Auth emulator: one without a role, an editor, an admin."""

import json
import uuid
from dataclasses import dataclass

import httpx

from local.services import AUTH_PROJECT

PASSWORD = "a long sentence of a password"
_OWNER = {"Authorization": "Bearer owner"}


@dataclass(frozen=True)
class SignedInUser:
    uid: str
    email: str
    token: str

    @property
    def authorization(self) -> str:
        return f"Bearer {self.token}"


def new_user(emulator: str, role: str = "") -> SignedInUser:
    """A user who has signed in; the role is in the token."""
    email = f"{uuid.uuid4().hex}@example.org"
    toolkit = f"http://{emulator}/identitytoolkit.googleapis.com/v1"
    with httpx.Client(base_url=toolkit, timeout=60) as client:
        credentials = {"email": email, "password": PASSWORD, "returnSecureToken": True}
        uid = client.post("/accounts:signUp?key=x", json=credentials).json()["localId"]
        if role:
            claims = {"localId": uid, "customAttributes": json.dumps({"role": role})}
            path = f"/projects/{AUTH_PROJECT}/accounts:update"
            client.post(path, json=claims, headers=_OWNER).raise_for_status()
        signed_in = client.post("/accounts:signInWithPassword?key=x", json=credentials).json()
    return SignedInUser(uid, email, signed_in["idToken"])
