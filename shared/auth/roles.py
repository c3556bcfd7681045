"""Users and their roles: custom claims of Firebase, set by an operator and never by a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from shared.auth.credentials import email_objection, normalised_email
from shared.auth.firebase import Client, Firebase
from shared.auth.sessions import Sessions
from shared.errors import FieldError, Invalid, NotFound

ROLE_CLAIM: Final = "role"
"""The custom claim of Firebase that holds a user's one role."""


class Role(StrEnum):
    EDITOR = "editor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """The user of a valid token. `email` and `name` are empty when the account has none."""

    uid: str
    email: str
    name: str
    roles: frozenset[str]


def user_from(claims: Mapping[str, Any]) -> User:
    """The user of verified claims. Raises KeyError without `uid`."""
    return User(
        uid=claims["uid"],
        email=_text(claims.get("email")),
        name=_text(claims.get("name")),
        roles=roles_from(claims),
    )


def roles_from(claims: Mapping[str, Any]) -> frozenset[str]:
    """The roles in these claims; an unknown role's name gives none."""
    return frozenset(role for role in Role if claims.get(ROLE_CLAIM) == role)


def may_write(user: User) -> bool:
    """Whether the user may add records."""
    return not user.roles.isdisjoint({Role.EDITOR, Role.ADMIN})


def may_administer(user: User) -> bool:
    """Whether the user may purge the cache."""
    return Role.ADMIN in user.roles


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user as Firebase stores it. `role` is empty for none."""

    uid: str
    email: str
    name: str
    role: str
    disabled: bool


class Roles:
    """Changes roles. Every method raises NotFound for an unknown e-mail, and AuthUnavailable."""

    def __init__(self, firebase: Firebase, sessions: Sessions) -> None:
        self._firebase, self._sessions = firebase, sessions

    async def whois(self, email: str) -> UserRecord:
        return await self._firebase.call(lambda client: _record(_find(client, email)))

    async def grant(self, email: str, role: Role) -> UserRecord:
        """Replace the user's role; tokens carry the new one from their next refresh on."""
        return await self._change(email, lambda claims: {**claims, ROLE_CLAIM: role.value})

    async def revoke(self, email: str) -> UserRecord:
        """Remove the user's role, and end the user's sign-ins: their tokens still carry it."""
        user = await self._change(email, _without_role)
        await self._sessions.end(user.uid)
        return user

    async def _change(self, email: str, change: Callable[[Mapping[str, Any]], Any]) -> UserRecord:
        return await self._firebase.call(lambda client: _changed(client, email, change))


def _changed(client: Client, email: str, change: Callable[[Mapping[str, Any]], Any]) -> UserRecord:
    found = _find(client, email)
    try:
        client.set_custom_user_claims(found.uid, change(found.custom_claims or {}))
    except ValueError:
        # Firebase stores at most 1,000 characters of claims.
        full = FieldError("role", "does not fit beside the user's other claims")
        raise Invalid([full]) from None
    return _record(_find(client, email))


def _find(client: Client, email: str) -> Any:
    from firebase_admin import auth

    address = normalised_email(email)
    if objection := email_objection(address):
        raise NotFound(f"The e-mail {objection}.")
    try:
        return client.get_user_by_email(address)
    except auth.UserNotFoundError:
        raise NotFound(f"There is no user with the e-mail {address}.") from None
    except ValueError:
        raise NotFound("This is not an e-mail address.") from None


def _without_role(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name != ROLE_CLAIM}


def _record(found: Any) -> UserRecord:
    claims = found.custom_claims or {}
    return UserRecord(
        uid=found.uid,
        email=found.email or "",
        name=found.display_name or "",
        role=str(claims.get(ROLE_CLAIM, "")),
        disabled=bool(found.disabled),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
