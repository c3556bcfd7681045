"""Who may do what: custom claims of Firebase, set by an operator and never by a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.auth.emails import normalised
from shared.auth.firebase import Client, Firebase
from shared.auth.sessions import Sessions
from shared.auth.user import ROLE_CLAIM, Role
from shared.errors import FieldError, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Holder:
    """A user as Firebase has it. `role` is empty for none."""

    uid: str
    email: str
    name: str
    role: str
    disabled: bool


class Roles:
    """Every method raises NotFound for an unknown e-mail, and AuthUnavailable."""

    def __init__(self, firebase: Firebase, sessions: Sessions) -> None:
        self._firebase, self._sessions = firebase, sessions

    async def whois(self, email: str) -> Holder:
        return await self._firebase.call(lambda client: _holder(_find(client, email)))

    async def grant(self, email: str, role: Role) -> Holder:
        """Give the role instead of any other; tokens have it from their next refresh on."""
        return await self._change(email, lambda claims: {**claims, ROLE_CLAIM: role.value})

    async def revoke(self, email: str) -> Holder:
        """Take the role away, and end the user's sign-ins: their tokens still carry it."""
        holder = await self._change(email, _without_role)
        await self._sessions.end(holder.uid)
        return holder

    async def _change(self, email: str, change: Callable[[Mapping[str, Any]], Any]) -> Holder:
        return await self._firebase.call(lambda client: _changed(client, email, change))


def _changed(client: Client, email: str, change: Callable[[Mapping[str, Any]], Any]) -> Holder:
    record = _find(client, email)
    try:
        client.set_custom_user_claims(record.uid, change(record.custom_claims or {}))
    except ValueError:
        # Firebase keeps 1,000 characters of claims.
        room = FieldError("role", "finds no room beside the user's other claims")
        raise Invalid([room]) from None
    return _holder(_find(client, email))


def _find(client: Client, email: str) -> Any:
    from firebase_admin import auth

    try:
        return client.get_user_by_email(normalised(email))
    except auth.UserNotFoundError:
        raise NotFound(f"There is no user with the e-mail {normalised(email)}.") from None
    except ValueError:
        raise NotFound("That is no e-mail address.") from None


def _without_role(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name != ROLE_CLAIM}


def _holder(record: Any) -> Holder:
    claims = record.custom_claims or {}
    return Holder(
        uid=record.uid,
        email=record.email or "",
        name=record.display_name or "",
        role=str(claims.get(ROLE_CLAIM, "")),
        disabled=bool(record.disabled),
    )
