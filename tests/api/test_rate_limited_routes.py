"""Rate limits of the routes: 429 with Retry-After, by the address that the platform gives."""

import asyncio

import pytest
from limits import parse_many

from shared.auth.rate_limits import POLICIES
from tests.api.api_client import Answer, Api
from tests.api.emulator_users import SignedInUser
from tests.api.sample_records import REFERENCE

pytestmark = pytest.mark.usefixtures("rate_windows")
LOGIN = {"email": "victim@example.org", "password": "a wrong one"}


def _per_minute(rates: str) -> int:
    return parse_many(rates)[0].amount


def _from(address: str) -> dict[str, str]:
    return {"X_Forwarded_For": f"{address}:50123"}


async def _allowed(api: Api, target: str, body: object, headers: dict[str, str], calls: int) -> int:
    """Send so many calls; return how many are allowed. The rest must be 429."""
    answers = await asyncio.gather(*[api.post(target, body, **headers) for _ in range(calls)])
    refused = [answer for answer in answers if answer.status == 429]
    for answer in refused:
        _check(answer)
    return calls - len(refused)


def _check(answer: Answer) -> None:
    assert answer.media_type == "application/problem+json"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["Cache-Control"] == "no-store"


async def test_ten_logins_a_minute_for_an_account_from_one_address(auth_api: Api) -> None:
    allowed = _per_minute(POLICIES["login"].per_account)
    headers = _from("203.0.113.5")
    assert await _allowed(auth_api, "/login", LOGIN, headers, allowed + 3) == allowed


async def test_a_client_s_own_forwarded_address_changes_nothing(auth_api: Api) -> None:
    calls = [
        auth_api.post("/login", LOGIN, X_Forwarded_For=f"198.51.100.{last}, 203.0.113.5:5")
        for last in range(_per_minute(POLICIES["login"].per_account))
    ]
    assert {answer.status for answer in await asyncio.gather(*calls)} == {401}
    headers = {"X_Forwarded_For": "198.51.100.99, 203.0.113.5:50124"}
    assert (await auth_api.post("/login", LOGIN, **headers)).status == 429


async def test_a_stranger_who_is_refused_locks_nobody_out(auth_api: Api) -> None:
    assert await _allowed(auth_api, "/login", LOGIN, _from("203.0.113.5"), 12) < 12
    answer = await auth_api.post("/login", LOGIN, **_from("203.0.113.6"))
    assert answer.status == 401


async def test_an_address_may_not_try_one_account_after_the_other(auth_api: Api) -> None:
    allowed = _per_minute(POLICIES["signup"].per_address)
    for number in range(allowed):
        body = {"email": f"user{number}@example.org", "password": "short but long"}
        answer = await auth_api.post("/signup", body, **_from("203.0.113.7"))
        assert answer.status in {201, 409}
    body = {"email": "one.more@example.org", "password": "short but long"}
    answer = await auth_api.post("/signup", body, **_from("203.0.113.7"))
    assert answer.status == 429
    _check(answer)


async def test_refreshing_tokens_counts_per_address(auth_api: Api) -> None:
    allowed = _per_minute(POLICIES["login"].per_address)
    body = {"refreshToken": "no such token"}
    headers = _from("203.0.113.8")
    assert await _allowed(auth_api, "/token", body, headers, allowed + 5) == allowed


async def test_an_editor_who_posts_too_fast_is_slowed_down(
    auth_api: Api, editor: SignedInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str, str | None]] = []

    async def counted(action: str, address: str, account: str | None) -> None:
        asked.append((action, address, account))

    monkeypatch.setattr(auth_api.services.auth.limits, "check", counted)
    headers = {"Authorization": editor.authorization, **_from("203.0.113.9")}
    await auth_api.post("/features/new", REFERENCE, **headers)
    assert asked == [("new", "203.0.113.9", editor.uid)]


async def test_a_body_that_cannot_be_read_costs_no_attempt(auth_api: Api) -> None:
    headers = _from("203.0.113.10")
    for _ in range(70):
        assert (await auth_api.post("/login", b"{", **headers)).status == 400
    assert (await auth_api.post("/login", LOGIN, **headers)).status == 401
