"""Errors of Google's Identity Toolkit become 503 in time, and no secret is logged."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from pydantic import SecretStr

from shared.auth import identity_toolkit as toolkit_module
from shared.auth.accounts import Accounts
from shared.auth.firebase import connect_firebase
from shared.auth.identity_toolkit import Toolkit
from shared.auth.sessions import Sessions
from shared.errors import (
    ApiError,
    AuthUnavailable,
    Forbidden,
    Invalid,
    TooManyRequests,
    Unauthenticated,
)
from shared.runtime import ThreadWorkers
from shared.settings import Settings
from tests.auth.faulty_identity_toolkit import FaultyToolkit
from tests.auth.manual_clock import ManualClock
from tests.services.long_timeouts import LONG_SECONDS

KEY = "AIza-this-is-the-key"
PASSWORD = "correct horse"


@pytest.fixture
async def faulty() -> AsyncIterator[FaultyToolkit]:
    async with FaultyToolkit().running() as server:
        yield server


async def accounts_at(address: str, **times: Any) -> Accounts:
    workers, clock = ThreadWorkers(1, "test"), ManualClock()
    times = {"clock": clock, "sleep": clock.sleep, **times}
    sessions = Sessions(connect_firebase(Settings.load(), workers))
    toolkit = Toolkit(SecretStr(KEY), address, workers)
    return Accounts(toolkit, sessions, **times)


@pytest.fixture
async def accounts(faulty: FaultyToolkit) -> AsyncIterator[Accounts]:
    accounts = await accounts_at(faulty.address)
    yield accounts
    await accounts.close()


def all_calls(accounts: Accounts) -> list[Awaitable[object]]:
    return [
        accounts.sign_up("ada@example.org", PASSWORD),
        accounts.log_in("ada@example.org", PASSWORD),
        accounts.refresh("token"),
    ]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>gateway</html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"localId": 7, "idToken": "t", "refreshToken": "r", "expiresIn": "x"}'),
        (200, b'{"id_token": "t", "refresh_token": "r", "expires_in": 3600, "user_id": "u"}'),
        (200, b"\xff\xfe"),
        (302, b""),
        (400, b'{"error": "invalid"}'),
        (400, b'{"error": {"message": "API key not valid. Please pass a valid API key."}}'),
        (400, b'{"error": {"message": "SOMETHING_NEW : words"}}'),
        (400, b'{"error": {"message": "OPERATION_NOT_ALLOWED"}}'),
        (403, b'{"error": {"message": "CONFIGURATION_NOT_FOUND"}}'),
        (429, b'{"error": {"message": "QUOTA_EXCEEDED : Exceeded quota."}}'),
        (500, b'{"error": {"message": 5}}'),
        (503, b"upstream connect error"),
        (200, b"[" * 100_000),
        (400, b'{"error":' * 100_000),
        (200, b'{"localId":7,"idToken":"t","refreshToken":"r","expiresIn":"%s"}' % (b"9" * 5000)),
    ],
)
async def test_an_answer_that_makes_no_sense_is_503(
    faulty: FaultyToolkit,
    accounts: Accounts,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: bytes,
) -> None:
    faulty.status, faulty.body = status, body
    for call in all_calls(accounts):
        with pytest.raises(AuthUnavailable):
            await call
    assert "Identity Toolkit answered" in caplog.text


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TOO_MANY_ATTEMPTS_TRY_LATER : Access is disabled.", TooManyRequests),
        ("WEAK_PASSWORD : Password should be at least 6 characters", Invalid),
        ("PASSWORD_DOES_NOT_MEET_REQUIREMENTS : Missing: digit", Invalid),
        ("INVALID_EMAIL", Invalid),
        ("ADMIN_ONLY_OPERATION", Forbidden),
    ],
)
async def test_what_the_project_refuses_has_an_error_of_its_own(
    faulty: FaultyToolkit, accounts: Accounts, code: str, error: type[ApiError]
) -> None:
    faulty.refuse(code)
    with pytest.raises(error) as refusal:
        await accounts.sign_up("ada@example.org", PASSWORD)
    assert "Access is" not in refusal.value.detail


@pytest.mark.parametrize(("took", "rest"), [(0.001, 0.499), (0.13, 0.37), (0.5, 0), (1.2, 0.3)])
async def test_a_refused_login_is_answered_on_a_beat_however_long_the_check_took(
    faulty: FaultyToolkit, took: float, rest: float
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    readings = iter([1000.0, 1000.0 + took])
    accounts = await accounts_at(faulty.address, clock=lambda: next(readings), sleep=sleep)
    faulty.refuse("INVALID_PASSWORD")
    with pytest.raises(Unauthenticated):
        await accounts.log_in("ada@example.org", PASSWORD)
    await accounts.close()
    assert waits == [pytest.approx(rest, abs=1e-6)]


async def test_too_many_attempts_at_login_say_when_to_come_back(
    faulty: FaultyToolkit, accounts: Accounts
) -> None:
    faulty.refuse("TOO_MANY_ATTEMPTS_TRY_LATER")
    with pytest.raises(TooManyRequests) as refusal:
        await accounts.log_in("ada@example.org", PASSWORD)
    assert int(refusal.value.headers["Retry-After"]) > 0


async def test_the_key_travels_as_a_header_and_never_in_the_url(
    faulty: FaultyToolkit, accounts: Accounts
) -> None:
    for call in all_calls(accounts):
        with pytest.raises(AuthUnavailable):
            await call
    assert len(faulty.requests) == 3
    for request in faulty.requests:
        line, *headers = request.decode().lower().split("\r\n")
        assert KEY.lower() not in line
        assert f"x-goog-api-key: {KEY.lower()}" in headers


async def test_no_secret_reaches_a_log_or_an_error(
    faulty: FaultyToolkit, accounts: Accounts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    faulty.refuse(f"BAD {KEY} {PASSWORD}")
    faults = []
    for call in all_calls(accounts):
        with pytest.raises(AuthUnavailable) as fault:
            await call
        faults.append(repr(fault.value))
    assert "Identity Toolkit answered 400" in caplog.text
    for secret in (KEY, PASSWORD, "ada@example.org"):
        assert secret not in caplog.text
        assert secret not in "".join(faults)


async def test_a_refused_connection_is_503_at_once(
    unused_tcp_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = await accounts_at(f"127.0.0.1:{unused_tcp_port}")
    for call in all_calls(accounts):
        with pytest.raises(AuthUnavailable):
            await call
    await accounts.close()
    assert "ConnectError" in caplog.text
    assert KEY not in caplog.text


async def test_a_silent_service_is_503_within_the_limit(
    faulty: FaultyToolkit, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolkit_module, "TOTAL_SECONDS", 0.2)
    faulty.silent = True
    async with asyncio.timeout(LONG_SECONDS):
        results = await asyncio.gather(*all_calls(accounts), return_exceptions=True)
    assert all(isinstance(result, AuthUnavailable) for result in results)
    assert faulty.silent


async def test_a_sign_up_without_an_answer_says_that_the_user_may_be_there(
    faulty: FaultyToolkit, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(200, b"{}"), (200, b"<html>"), (500, b""), (503, b"upstream reset")]
    for faulty.status, faulty.body in answers:
        assert "log in to see" in await sign_up_error(accounts)
    monkeypatch.setattr(toolkit_module, "TOTAL_SECONDS", 0.2)
    faulty.silent = True
    impatient = await accounts_at(faulty.address)  # its client takes the timeout when it is built
    assert "log in to see" in await sign_up_error(impatient)
    await impatient.close()


async def test_a_sign_up_that_was_refused_or_never_sent_says_nothing_of_a_user(
    faulty: FaultyToolkit, accounts: Accounts, unused_tcp_port: int
) -> None:
    faulty.refuse("OPERATION_NOT_ALLOWED")
    nobody = await accounts_at(f"127.0.0.1:{unused_tcp_port}")
    for some in (accounts, nobody):
        assert "log in to see" not in await sign_up_error(some)
    await nobody.close()


async def sign_up_error(accounts: Accounts) -> str:
    with pytest.raises(AuthUnavailable) as raised:
        await accounts.sign_up("ada@example.org", PASSWORD)
    return raised.value.detail


async def test_requests_that_are_given_up_leave_no_connection_in_use(
    faulty: FaultyToolkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolkit_module, "TOTAL_SECONDS", 0.3)
    faulty.pause = 0.4  # longer than any request waits
    faulty.refuse("TOKEN_EXPIRED")
    toolkit = Toolkit(SecretStr(KEY), faulty.address, ThreadWorkers(1, "test"))
    many = [toolkit.exchange("token") for _ in range(400)]
    errors = await asyncio.gather(*many, return_exceptions=True)
    assert any(isinstance(error, AuthUnavailable) for error in errors)

    await toolkit._background.drain()
    client: Any = await toolkit._client.get()
    in_use = [one for one in client._transport._pool.connections if not one.is_closed()]
    assert not in_use
    await toolkit.close()


UNUSABLE = {
    "ALL_PROXY": "socks://user:hunter2@127.0.0.1:1",
    "all_proxy": "socks5://user:hunter2@127.0.0.1:1",
    "HTTPS_PROXY": "http://user:hunter2@127.0.0.1:x",
    "SSL_CERT_FILE": "/nowhere/hunter2.pem",
}


@pytest.mark.parametrize("name", UNUSABLE)
async def test_a_proxy_or_certificates_that_cannot_be_used_are_503_and_said_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    monkeypatch.setenv(name, UNUSABLE[name])
    accounts = await accounts_at("")
    for call in all_calls(accounts):
        with pytest.raises(AuthUnavailable):
            await call
    assert "HTTPS_PROXY" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("name", UNUSABLE)
async def test_an_emulator_needs_no_proxy_and_no_certificates(
    faulty: FaultyToolkit, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, UNUSABLE[name])
    accounts = await accounts_at(faulty.address)
    faulty.refuse("INVALID_PASSWORD")
    with pytest.raises(Unauthenticated):
        await accounts.log_in("ada@example.org", PASSWORD)
    await accounts.close()
