"""Which tokens are accepted, each test with the emulator's tokens and with signed ones."""

import datetime as dt
import time
from typing import Any

import pytest
from hypothesis import strategies as st

from shared.auth.roles import User
from shared.auth.token_verifier import MAX_TOKEN_LENGTH, TokenVerifier
from shared.errors import Unauthenticated
from tests.auth.token_issuers import Issuer, segment
from tests.examples import HealthCheck, given, settings

HOUR = 3600


@pytest.fixture
def verifier(token_issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(token_issuer.firebase)


async def test_a_good_token_names_its_user(token_issuer: Issuer, verifier: TokenVerifier) -> None:
    uid = token_issuer.new_user()
    token = token_issuer.token(uid, role="editor")
    user = await verifier.verify(token)
    assert user == User(uid, f"{uid}@example.org", "Ada Lovelace", frozenset({"editor"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-project"},
        {"aud": None},
        {"iss": "https://securetoken.google.com/another-project"},
        {"iss": "https://accounts.google.com"},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "u" * 129},
        {"notes": "x" * MAX_TOKEN_LENGTH},
        {"iat": None},
        {"exp": None},
        {"iat": "now"},
        {"exp": {}},
        {"aud": "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1"},
    ],
    ids=lambda changes: str(changes)[:60],
)
async def test_a_token_with_a_wrong_claim_is_refused(
    token_issuer: Issuer, verifier: TokenVerifier, changes: dict[str, Any]
) -> None:
    token = token_issuer.token(token_issuer.new_user(), **changes)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -HOUR), ("iat", HOUR)])
async def test_a_token_that_has_expired_or_is_of_the_future_is_refused(
    token_issuer: Issuer, verifier: TokenVerifier, claim: str, seconds: int
) -> None:
    uid, now = token_issuer.new_user(), int(time.time())
    changes = {"iat": now - 2 * HOUR, "exp": now + 2 * HOUR, claim: now + seconds}
    with pytest.raises(Unauthenticated):
        await verifier.verify(token_issuer.token(uid, **changes))


@pytest.fixture
def still(token_issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> int:
    """Stop the clock of the token verification; the time in seconds."""
    del token_issuer  # who loads the library
    from google.auth import _helpers

    now = int(time.time())
    moment = dt.datetime.fromtimestamp(now, dt.UTC).replace(tzinfo=None)
    monkeypatch.setattr(_helpers, "utcnow", lambda: moment)
    return now


async def test_clocks_may_differ_by_a_few_seconds(token_issuer: Issuer, still: int) -> None:
    verifier, now = TokenVerifier(token_issuer.firebase, now=lambda: still), still
    uid = token_issuer.new_user()
    assert await verifier.verify(token_issuer.token(uid, iat=now + 7))
    assert await verifier.verify(token_issuer.token(uid, exp=now - 5))
    with pytest.raises(Unauthenticated):
        await verifier.verify(token_issuer.token(uid, exp=now - 15))


async def test_disabled_and_deleted_users_are_refused(
    token_issuer: Issuer, verifier: TokenVerifier
) -> None:
    disabled, deleted = token_issuer.new_user(), token_issuer.new_user()
    token_issuer.users.update_user(disabled, disabled=True)
    token_issuer.users.delete_user(deleted)
    for uid in (disabled, deleted):
        with pytest.raises(Unauthenticated):
            await verifier.verify(token_issuer.token(uid))


async def test_a_revoked_token_is_refused_at_once(
    token_issuer: Issuer, verifier: TokenVerifier
) -> None:
    uid = token_issuer.new_user()
    token = token_issuer.token(uid)
    await verifier.verify(token)
    token_issuer.users.revoke_refresh_tokens(uid)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_a_newer_token_of_the_user_does_not_vouch_for_a_revoked_one(
    token_issuer: Issuer, verifier: TokenVerifier
) -> None:
    uid = token_issuer.new_user()
    token_issuer.users.revoke_refresh_tokens(uid)
    await verifier.verify(token_issuer.token(uid, iat=int(time.time()) + 2))
    with pytest.raises(Unauthenticated):
        await verifier.verify(token_issuer.token(uid))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "Bearer",
        "\x00.\x00.\x00",
        "\ud800.e30.e30",
        "é.é.é",
        "e30.e30.",
        f"{segment([])}.{segment({})}.",
        f"{segment({'alg': 'none'})}.{segment([])}.",
        f"{segment({'alg': 'RS256', 'kid': ['kid1']})}.{segment({})}.",
        f"{segment({'alg': 'RS256', 'kid': {}})}.{segment({'aud': [], 'iss': []})}.",
        f"{segment({'alg': 'HS256'})}.{segment({'v': 0, 'd': 7})}.",
        f"{segment({'alg': 'RS256', 'kid': 'kid1'})}.{segment({'aud': {}, 'iss': 1e999})}.",
        "x" * (MAX_TOKEN_LENGTH + 1),
        f"{segment({'alg': 'RS256'})}.{'W1tb' * 2000}",
    ],
    ids=lambda token: ascii(token[:24]),
)
async def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
names = st.sampled_from(["alg", "kid", "typ", "aud", "iss", "sub", "iat", "exp", "d", "v"])
documents = json_values | st.dictionaries(names, json_values)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(header=documents, payload=documents, signature=st.text(max_size=8))
async def test_json_of_any_shape_is_refused(
    verifier: TokenVerifier, header: Any, payload: Any, signature: str
) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(f"{segment(header)}.{segment(payload)}.{signature}")
