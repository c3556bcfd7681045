"""Users: sign-ins that were ended elsewhere, and what a token may say of its user."""

import time

import jwt
import pytest

from tests.api.api_client import Api, MakeApi
from tests.api.conftest import firebase_settings
from tests.api.emulator_users import new_user
from tests.api.sample_records import REFERENCE
from tests.auth.token_issuers import claims_of


async def test_a_logout_on_one_instance_counts_on_every_other_at_once(
    make_api: MakeApi, auth_emulator: str
) -> None:
    one, other = (make_api(**firebase_settings(auth_emulator)) for _ in range(2))
    signed_in = {"Authorization": new_user(auth_emulator, "editor").authorization}
    assert (await one.get("/", **signed_in)).status == 200
    assert (await other.post("/logout", **signed_in)).status == 204
    answers = [
        await one.get("/", **signed_in),
        await one.post("/features/new", REFERENCE, **signed_in),
        await one.post("/cache/purge", {"scope": "Pop"}, **signed_in),
        await one.post("/logout", **signed_in),
    ]
    assert [answer.status for answer in answers] == [401] * len(answers)


async def test_a_name_of_another_program_is_greeted_on_one_line(
    auth_api: Api, auth_emulator: str
) -> None:
    """A token's JSON may have half of a surrogate pair, which has no UTF-8 form."""
    user, now = new_user(auth_emulator), int(time.time())
    claims = claims_of(user.uid, name="Ada \ud83d\r\n\x1b[2J\x9b\u202e", iat=now, auth_time=now)
    token = jwt.encode(claims, "", algorithm="none")
    answer = await auth_api.get("/", Authorization=f"Bearer {token}")
    assert (answer.status, answer.json()) == (
        200,
        {"message": r"Hello, Ada \ud83d\r\n\x1b[2J\x9b\u202e!"},
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("displayName", "Ada\nroot"),
        ("displayName", "\u2066Ada"),
        ("email", "a\u200bda@example.org"),
    ],
)
async def test_a_sign_up_with_invisible_characters_is_refused_by_field(
    auth_api: Api, field: str, value: str
) -> None:
    body = {"email": "ada@example.org", "password": "correct horse", field: value}
    answer = await auth_api.post("/signup", body)
    assert answer.status == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
