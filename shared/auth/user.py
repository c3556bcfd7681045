"""A signed-in user, and what the roles allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

ROLE_CLAIM: Final = "role"
"""The custom claim of Firebase that holds a user's one role."""


class Role(StrEnum):
    EDITOR = "editor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """Whom a valid token names. `email` and `name` are empty when the account has none."""

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
    """The roles in these claims; a name that is not ours gives none."""
    return frozenset(role for role in Role if claims.get(ROLE_CLAIM) == role)


def may_write(user: User) -> bool:
    """Whether the user may add records."""
    return not user.roles.isdisjoint({Role.EDITOR, Role.ADMIN})


def may_administer(user: User) -> bool:
    """Whether the user may purge the cache."""
    return Role.ADMIN in user.roles


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
