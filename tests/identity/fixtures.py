"""Fixtures that the identity tests and the verifier's contract share."""

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.identity.certificates import CertificateServer
from tests.identity.issuers import Issuer, emulator_issuer, signing_issuer


@pytest.fixture(scope="session")
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


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
    """Both adapters, one after the other."""
    if request.param == "signed":
        signed: Issuer = request.getfixturevalue("token_signer")
        return signed
    return emulator_issuer(auth_emulator, monkeypatch)
