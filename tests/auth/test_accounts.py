"""Sign up, log in, refresh and log out on the real Auth emulator."""

import uuid
from collections.abc import AsyncIterator

import pytest

from local.services import AUTH_PROJECT
from shared.auth.accounts import BEAT_SECONDS
from shared.auth.connect import Auth, connect
from shared.auth.firebase import EMULATOR_VARIABLE, anonymous, build_client
from shared.auth.roles import Role
from shared.errors import AlreadyExists, Invalid, Unauthenticated
from shared.runtime import ThreadWorkers
from shared.settings import Settings
from tests.auth.manual_clock import ManualClock

PASSWORD = "correct horse"


@pytest.fixture
async def auth(auth_emulator: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Auth]:
    monkeypatch.setenv(EMULATOR_VARIABLE, auth_emulator)
    settings = Settings.load(
        firebase_project_id=AUTH_PROJECT, firebase_auth_emulator_host=auth_emulator
    )
    auth = connect(settings, ThreadWorkers(2, "test"))
    yield auth
    await auth.close()


@pytest.fixture
def email() -> str:
    return f"ada.{uuid.uuid4().hex}@example.org"


async def test_who_signed_up_can_log_in_and_is_known_by_the_token(auth: Auth, email: str) -> None:
    signed_up = await auth.accounts.sign_up(email, PASSWORD, "Ada Lovelace")
    tokens = await auth.accounts.log_in(email, PASSWORD)
    user = await auth.verifier.verify(tokens.id_token)
    assert signed_up.email == user.email == email
    assert signed_up.uid == tokens.uid == user.uid
    assert user.name == "Ada Lovelace"
    assert user.roles == frozenset()
    assert tokens.expires_in == 3600


async def test_case_and_spaces_around_an_email_make_no_difference(auth: Auth, email: str) -> None:
    signed_up = await auth.accounts.sign_up(f"  {email.upper()} ", PASSWORD)
    assert signed_up.email == email
    assert (await auth.accounts.log_in(f"{email.title()}\n", PASSWORD)).uid == signed_up.uid
    with pytest.raises(AlreadyExists):
        await auth.accounts.sign_up(email, PASSWORD)


@pytest.mark.parametrize(
    ("address", "password", "fields"),
    [
        ("ada@example.org", "short77", ["password"]),
        ("ada@example.org", "", ["password"]),
        ("ada@example.org", "x" * 129, ["password"]),
        ("ada@example.org", "lone \ud800 surrogate", ["password"]),
        ("", PASSWORD, ["email"]),
        ("no-at-sign", PASSWORD, ["email"]),
        ("@example.org", PASSWORD, ["email"]),
        ("ada@", PASSWORD, ["email"]),
        ("a b@example.org", PASSWORD, ["email"]),
        ("a\x00b@example.org", PASSWORD, ["email"]),
        ("\ud800@example.org", PASSWORD, ["email"]),
        (f"{'a' * 250}@example.org", PASSWORD, ["email"]),
        ("ada@lovelace@example.org", PASSWORD, ["email"]),
        ("", "", ["email", "password"]),
    ],
    ids=ascii,
)
async def test_sign_up_names_every_field_that_is_wrong(
    auth: Auth, address: str, password: str, fields: list[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        await auth.accounts.sign_up(address, password)
    assert [fault.field for fault in refusal.value.fields] == fields


@pytest.mark.parametrize("name", ["Ada\nLovelace", "\u202eecalevoL", "\x1b[31mAda"], ids=ascii)
async def test_a_name_that_would_change_how_others_are_shown_creates_no_user(
    auth: Auth, email: str, name: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await auth.accounts.sign_up(email, PASSWORD, name)
    assert [fault.field for fault in refusal.value.fields] == ["displayName"]
    with pytest.raises(Unauthenticated):
        await auth.accounts.log_in(email, PASSWORD)


@pytest.mark.parametrize(
    "password",
    [
        "\ttab\x1b\u200b\u202e\n",
        "xxxxxxxx",
        "        ",
        "qwertzui",
        "x" * 128,
        "пароль из слов",
        "🐴🔋📎🐴🔋📎🐴🔋",
        "a" + "\u0301" * 7,
    ],
    ids=ascii,
)
async def test_a_password_needs_length_and_nothing_else(
    auth: Auth, email: str, password: str
) -> None:
    signed_up = await auth.accounts.sign_up(email, password)
    assert (await auth.accounts.log_in(email, password)).uid == signed_up.uid


class TickingClock(ManualClock):
    """Moves by a millisecond at each reading."""

    def __call__(self) -> float:
        self.reading += 0.001
        return self.reading


async def test_a_wrong_login_looks_the_same_whatever_was_wrong(auth: Auth, email: str) -> None:
    clock = TickingClock()
    auth.accounts._clock, auth.accounts._sleep = clock, clock.sleep
    disabled = f"disabled.{email}"
    await auth.accounts.sign_up(email, PASSWORD)
    signed_up = await auth.accounts.sign_up(disabled, PASSWORD)
    build_client(AUTH_PROJECT, anonymous()).update_user(signed_up.uid, disabled=True)
    answers = []
    for address, password in [
        (email, "wrong horse"),
        (email, ""),
        (f"nobody.{email}", PASSWORD),
        (disabled, PASSWORD),
        (disabled, "wrong horse"),
        ("no-at-sign", PASSWORD),
        ("\ud800", "\ud800"),
    ]:
        began = clock.reading
        with pytest.raises(Unauthenticated) as refusal:
            await auth.accounts.log_in(address, password)
        assert clock.reading - began == pytest.approx(BEAT_SECONDS, abs=0.01)
        answers.append((refusal.value.detail, refusal.value.headers, refusal.value.fields))
    assert all(answer == answers[0] for answer in answers)


async def test_a_refreshed_token_carries_a_role_granted_since(auth: Auth, email: str) -> None:
    await auth.accounts.sign_up(email, PASSWORD)
    tokens = await auth.accounts.log_in(email, PASSWORD)
    await auth.roles.grant(email, Role.EDITOR)
    old = await auth.verifier.verify(tokens.id_token)
    refreshed = await auth.accounts.refresh(tokens.refresh_token)
    new = await auth.verifier.verify(refreshed.id_token)
    assert (old.roles, new.roles) == (frozenset(), frozenset({"editor"}))
    assert (refreshed.uid, refreshed.expires_in) == (tokens.uid, 3600)


@pytest.mark.parametrize("token", ["", "junk", "\ud800", "x" * 5000])
async def test_a_refresh_token_that_is_none_is_refused(auth: Auth, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await auth.accounts.refresh(token)


async def test_logging_out_ends_every_token_at_once_and_the_next_login_works(
    auth: Auth, email: str
) -> None:
    await auth.accounts.sign_up(email, PASSWORD)
    tokens = [await auth.accounts.log_in(email, PASSWORD) for _ in range(2)]
    user = await auth.verifier.verify(tokens[0].id_token)
    await auth.accounts.log_out(user)
    for token in tokens:
        with pytest.raises(Unauthenticated):
            await auth.verifier.verify(token.id_token)
    again = await auth.accounts.log_in(email, PASSWORD)
    assert await auth.verifier.verify(again.id_token) == user


async def test_nothing_of_a_token_shows_in_its_repr(auth: Auth, email: str) -> None:
    await auth.accounts.sign_up(email, PASSWORD)
    tokens = await auth.accounts.log_in(email, PASSWORD)
    assert tokens.id_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)
