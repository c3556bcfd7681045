"""What roles allow, which claims give them, and how an operator grants and revokes them."""

import pytest

from shared.auth.firebase import EMULATOR_VARIABLE
from shared.auth.roles import (
    Role,
    Roles,
    User,
    may_administer,
    may_write,
    roles_from,
    user_from,
)
from shared.auth.sessions import Sessions
from shared.auth.token_verifier import TokenVerifier
from shared.errors import AuthUnavailable, Invalid, NotFound, Unauthenticated
from tests.auth.token_issuers import Issuer


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


@pytest.fixture
def roles(token_signer: Issuer) -> Roles:
    return Roles(token_signer.firebase, Sessions(token_signer.firebase))


@pytest.fixture
def email(token_signer: Issuer) -> str:
    return f"{token_signer.new_user()}@example.org"


async def test_a_role_is_granted_changed_and_taken_away(roles: Roles, email: str) -> None:
    assert (await roles.whois(email)).role == ""
    assert (await roles.grant(email, Role.EDITOR)).role == "editor"
    assert (await roles.grant(f" {email.upper()} ", Role.ADMIN)).role == "admin"
    assert (await roles.whois(email)).role == "admin"
    assert (await roles.revoke(email)).role == ""
    assert (await roles.revoke(email)).role == ""


async def test_other_claims_stay(roles: Roles, token_signer: Issuer, email: str) -> None:
    uid = (await roles.whois(email)).uid
    token_signer.users.set_custom_user_claims(uid, {"team": "jazz"})
    await roles.grant(email, Role.EDITOR)
    assert token_signer.users.get_user(uid).custom_claims == {"team": "jazz", "role": "editor"}
    await roles.revoke(email)
    assert token_signer.users.get_user(uid).custom_claims == {"team": "jazz"}


async def test_a_revoked_role_ends_the_tokens_that_carry_it(
    roles: Roles, token_signer: Issuer, email: str
) -> None:
    verifier = TokenVerifier(token_signer.firebase)
    token = token_signer.token((await roles.whois(email)).uid, role="editor")
    assert (await verifier.verify(token)).roles == {"editor"}
    await roles.revoke(email)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


@pytest.mark.parametrize("email", ["nobody@example.org", "", "no-at-sign", "\ud800@example.org"])
async def test_an_unknown_email_is_said_to_be_unknown(roles: Roles, email: str) -> None:
    for ask in (roles.whois(email), roles.grant(email, Role.EDITOR), roles.revoke(email)):
        with pytest.raises(NotFound):
            await ask


async def test_claims_without_room_for_a_role_are_left_alone(
    roles: Roles, token_signer: Issuer, email: str
) -> None:
    uid = (await roles.whois(email)).uid
    full = {"notes": "x" * 980}
    token_signer.users.set_custom_user_claims(uid, full)
    with pytest.raises(Invalid):
        await roles.grant(email, Role.EDITOR)
    assert token_signer.users.get_user(uid).custom_claims == full


async def test_firebase_out_of_reach_is_503(roles: Roles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EMULATOR_VARIABLE, "127.0.0.1:1")
    with pytest.raises(AuthUnavailable):
        await roles.whois("ada@example.org")
