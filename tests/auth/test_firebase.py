"""The client of firebase-admin: built once, bounded in time, with errors for missing settings."""

import asyncio
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.services import AUTH_PROJECT
from shared.auth import firebase as firebase_module
from shared.auth.connect import connect
from shared.auth.firebase import EMULATOR_VARIABLE, Firebase, connect_firebase
from shared.auth.token_verifier import TokenVerifier
from shared.errors import AuthUnavailable, Unauthenticated
from shared.runtime import ThreadWorkers
from shared.settings import Settings
from shared.settings.values import DEFAULT_CREDENTIALS
from tests.auth.certificate_server import KEY_ID
from tests.auth.token_issuers import Issuer, claims_of
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.service_account import service_account

WORKERS = ThreadWorkers(4, "test")


@pytest.fixture(autouse=True)
def no_firebase_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (EMULATOR_VARIABLE, DEFAULT_CREDENTIALS):
        monkeypatch.delenv(name, raising=False)


def settings_with(**values: Any) -> Settings:
    empty = {"firebase_project_id": "", "firebase_credentials": "", "firebase_api_key": ""}
    return Settings.load(**{**empty, "firebase_auth_emulator_host": "", **values})


def test_importing_auth_imports_neither_firebase_nor_http_clients() -> None:
    code = (
        "import sys, shared.auth, shared.auth.connect, shared.cli.users;"
        "slow = {'firebase_admin', 'google.auth', 'httpx', 'redis', 'limits'};"
        "sys.exit(', '.join(slow & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    assert (done.returncode, done.stderr) == (0, "")


async def test_certificates_that_cannot_be_read_are_503(
    monkeypatch: pytest.MonkeyPatch, signing_key: rsa.RSAPrivateKey
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    settings = settings_with(firebase_project_id=AUTH_PROJECT)
    verifier = connect(settings, WORKERS).verifier
    token = jwt.encode(claims_of("u1"), signing_key, "RS256", headers={"kid": KEY_ID})
    with pytest.raises(AuthUnavailable, match="cannot be reached"):
        await verifier.verify(token)


async def test_without_a_project_everything_says_that_sign_in_is_not_set_up() -> None:
    auth = connect(settings_with(), WORKERS)
    for ask in (
        auth.verifier.verify("token"),
        auth.accounts.sign_up("ada@example.org", "correct horse"),
        auth.accounts.log_in("ada@example.org", "correct horse"),
        auth.accounts.refresh("token"),
        auth.roles.whois("ada@example.org"),
    ):
        with pytest.raises(AuthUnavailable, match="not set up"):
            await ask


async def test_without_a_credential_good_tokens_are_refused_as_503_and_the_log_says_why_once(
    token_signer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    bare = connect_firebase(settings_with(firebase_project_id=AUTH_PROJECT), WORKERS)
    verifier = TokenVerifier(bare)
    uid = token_signer.new_user()
    for _ in range(2):
        with pytest.raises(AuthUnavailable, match="cannot be checked"):
            await verifier.verify(token_signer.token(uid))
        with pytest.raises(Unauthenticated):
            await verifier.verify(token_signer.token(uid, exp=1))
    assert caplog.text.count("FIREBASE_CREDENTIALS is needed") == 1


async def test_a_bad_key_is_logged_by_its_setting_and_not_by_its_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    credentials = service_account()
    settings = settings_with(firebase_project_id=AUTH_PROJECT, firebase_credentials=credentials)
    await _is_refused(settings, caplog)
    assert "aHVz" not in caplog.text


async def test_a_credential_whose_file_has_gone_since_the_start_is_503(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    file = tmp_path / "hush.json"
    file.write_text(service_account())
    settings = settings_with(firebase_project_id=AUTH_PROJECT, firebase_credentials=str(file))
    file.unlink()
    await _is_refused(settings, caplog)
    assert "hush" not in caplog.text


async def _is_refused(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AuthUnavailable):
        await connect(settings, WORKERS).verifier.verify("token")
    assert "FIREBASE_CREDENTIALS is no service account" in caplog.text


async def test_a_real_key_opens_firebase(signing_key: rsa.RSAPrivateKey) -> None:
    text = signing_key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()
    settings = settings_with(
        firebase_project_id=AUTH_PROJECT, firebase_credentials=service_account(text)
    )
    with pytest.raises(Unauthenticated):
        await connect(settings, WORKERS).verifier.verify("token")


async def test_a_default_credential_that_has_gone_since_the_start_is_503(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "default.json"
    file.write_text('{"type": "authorized_user"}')
    monkeypatch.setenv(DEFAULT_CREDENTIALS, str(file))
    settings = settings_with(firebase_project_id=AUTH_PROJECT)
    file.unlink()
    with pytest.raises(AuthUnavailable):
        await connect(settings, WORKERS).verifier.verify("token")


async def test_users_that_cannot_be_looked_up_are_503(
    unused_tcp_port: int, token_signer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EMULATOR_VARIABLE, "")
    settings = settings_with(
        firebase_project_id=AUTH_PROJECT, firebase_auth_emulator_host=f"127.0.0.1:{unused_tcp_port}"
    )
    auth = connect(settings, WORKERS)
    with pytest.raises(AuthUnavailable):
        await auth.verifier.verify(token_signer.token("u1"))
    with pytest.raises(AuthUnavailable):
        await auth.roles.whois("ada@example.org")


async def test_a_silent_firebase_costs_a_bounded_time_and_does_not_block_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(firebase_module, "CALL_SECONDS", 0.2)
    told = threading.Event()
    firebase = Firebase(lambda: None, WORKERS)
    asking = asyncio.create_task(firebase.call(lambda _: told.wait(LONG_SECONDS)))
    await asyncio.sleep(0)
    assert not asking.done()
    # Without the bound of 0.2 s this would time out.
    async with asyncio.timeout(LONG_SECONDS / 2):
        with pytest.raises(AuthUnavailable, match="too late"):
            await asking
    told.set()


async def test_the_client_is_built_once_however_many_ask_first() -> None:
    built = []

    def build() -> object:
        time.sleep(0.02)
        built.append(object())
        return built[-1]

    firebase = Firebase(build, WORKERS)
    clients = await asyncio.gather(*(firebase.call(lambda client: client) for _ in range(8)))
    assert len(built) == 1
    assert all(client is built[0] for client in clients)


async def test_a_failed_build_is_tried_again_at_the_next_request() -> None:
    faults = [AuthUnavailable("Not yet.")]

    def build() -> str:
        if faults:
            raise faults.pop()
        return "client"

    firebase = Firebase(build, WORKERS)
    with pytest.raises(AuthUnavailable):
        await firebase.call(lambda client: client)
    assert await firebase.call(lambda client: client) == "client"


def test_nothing_of_a_credential_shows_in_the_settings_or_the_parts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = settings_with(
        firebase_credentials=service_account(private_key_id="hush"), firebase_api_key="hush"
    )
    auth = connect(settings, WORKERS)
    assert "hush" not in f"{settings!r} {auth!r} {vars(auth.accounts)!r} {caplog.text}"
