"""What roles allow, and which claims give them."""

import pytest

from shared.auth.roles import User, may_administer, may_write, roles_from, user_from


def user(*roles: str) -> User:
    return User("u1", "ada@example.org", "Ada", frozenset(roles))


@pytest.mark.parametrize(
    ("roles", "writes", "administers"),
    [((), False, False), (("editor",), True, False), (("admin",), True, True)],
)
def test_editors_and_admins_write_and_only_admins_administer(
    roles: tuple[str, ...], *, writes: bool, administers: bool
) -> None:
    assert may_write(user(*roles)) is writes
    assert may_administer(user(*roles)) is administers


@pytest.mark.parametrize("claim", ["", "Editor", "owner", None, 1, True, ["admin"], {"admin": 1}])
def test_a_claim_that_is_no_role_of_ours_gives_no_role(claim: object) -> None:
    assert roles_from({"role": claim}) == frozenset()


def test_other_claims_that_sound_powerful_give_nothing() -> None:
    claims = {"uid": "u1", "admin": True, "roles": ["admin"], "disabled": False}
    assert user_from(claims).roles == frozenset()


def test_an_account_without_email_or_name_has_empty_ones() -> None:
    assert user_from({"uid": "u1", "email": None}) == User("u1", "", "", frozenset())
