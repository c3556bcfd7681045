"""Fixtures of auth that several folders of tests use."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.auth.certificate_server import CertificateServer
from tests.auth.manual_clock import ManualClock
from tests.auth.token_issuers import Issuer, emulator_issuer, signing_issuer
from tests.services.long_timeouts import use_long_timeouts


@pytest.fixture(scope="session")
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def rate_windows(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """The clock of the rate counters in the process: no window ends while a test counts."""
    import limits.aio.storage.memory
    import limits.aio.strategies

    import shared.auth.rate_counters

    clock = ManualClock(1000.25)
    for module in (limits.aio.storage.memory, limits.aio.strategies, shared.auth.rate_counters):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=clock))
    return clock


@pytest.fixture
def certificate_server(signing_key: rsa.RSAPrivateKey) -> Iterator[CertificateServer]:
    with CertificateServer(signing_key).running() as server:
        yield server


@pytest.fixture
def token_signer(
    auth_emulator: str,
    certificate_server: CertificateServer,
    signing_key: rsa.RSAPrivateKey,
    monkeypatch: pytest.MonkeyPatch,
) -> Issuer:
    return signing_issuer(auth_emulator, certificate_server.url, signing_key, monkeypatch)


@pytest.fixture(params=["emulator", "signed"])
def token_issuer(
    request: pytest.FixtureRequest, auth_emulator: str, monkeypatch: pytest.MonkeyPatch
) -> Issuer:
    """The emulator's tokens, then signed ones, with long timeouts."""
    use_long_timeouts(monkeypatch.setattr)
    if request.param == "signed":
        signed: Issuer = request.getfixturevalue("token_signer")
        return signed
    return emulator_issuer(auth_emulator, monkeypatch)
