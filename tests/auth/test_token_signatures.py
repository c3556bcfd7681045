"""Signatures as in production: RS256, with certificates from a local server."""

import base64
import logging

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.auth.firebase import EMULATOR_VARIABLE
from shared.auth.token_verifier import TokenVerifier
from shared.errors import AuthUnavailable, Unauthenticated
from tests.auth.certificate_server import KEY_ID, CertificateServer
from tests.auth.token_issuers import Issuer, claims_of, segment


@pytest.fixture
def verifier(token_signer: Issuer) -> TokenVerifier:
    return TokenVerifier(token_signer.firebase)


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form)


def hs256(claims: dict[str, object], secret: bytes, header: dict[str, str]) -> str:
    """Sign by hand: PyJWT refuses to use a public key as an HMAC secret."""
    from cryptography.hazmat.primitives import hashes, hmac

    signed = f"{segment(header)}.{segment(claims)}"
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(signed.encode())
    return f"{signed}.{base64.urlsafe_b64encode(mac.finalize()).rstrip(b'=').decode()}"


async def refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_a_token_signed_by_another_key_is_refused(
    token_signer: Issuer, verifier: TokenVerifier
) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = claims_of(token_signer.new_user())
    await refused(verifier, jwt.encode(claims, stranger, "RS256", headers={"kid": KEY_ID}))


async def test_a_token_with_an_unknown_key_id_or_none_is_refused(
    token_signer: Issuer, verifier: TokenVerifier
) -> None:
    assert token_signer.key
    claims = claims_of(token_signer.new_user())
    await refused(verifier, jwt.encode(claims, token_signer.key, "RS256", headers={"kid": "kid2"}))
    await refused(verifier, jwt.encode(claims, token_signer.key, "RS256"))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
async def test_an_unsigned_token_is_refused(
    token_signer: Issuer, verifier: TokenVerifier, algorithm: str
) -> None:
    claims = claims_of(token_signer.new_user())
    for header in ({"alg": algorithm}, {"alg": algorithm, "kid": KEY_ID}):
        await refused(verifier, f"{segment(header)}.{segment(claims)}.")


async def test_the_public_key_used_as_a_shared_secret_is_refused(
    token_signer: Issuer, verifier: TokenVerifier
) -> None:
    assert token_signer.key
    claims = claims_of(token_signer.new_user())
    for algorithm in ("HS256", "RS256"):
        header = {"alg": algorithm, "kid": KEY_ID}
        await refused(verifier, hs256(claims, public_pem(token_signer.key), header))


async def test_a_changed_claim_breaks_the_signature(
    token_signer: Issuer, verifier: TokenVerifier
) -> None:
    uid = token_signer.new_user()
    header, _, signature = token_signer.token(uid).split(".")
    await refused(verifier, f"{header}.{segment(claims_of(uid, role='admin'))}.{signature}")


async def test_certificates_are_fetched_once(
    token_signer: Issuer, verifier: TokenVerifier, certificate_server: CertificateServer
) -> None:
    uid = token_signer.new_user()
    for _ in range(5):
        await verifier.verify(token_signer.token(uid))
    assert certificate_server.fetches == 1


@pytest.mark.parametrize(
    ("status", "body"), [(500, b"{}"), (404, b""), (200, b"<html>Sign in to the Wi-Fi</html>")]
)
async def test_certificates_that_cannot_be_fetched_are_no_fault_of_the_caller(
    token_signer: Issuer,
    verifier: TokenVerifier,
    certificate_server: CertificateServer,
    status: int,
    body: bytes,
) -> None:
    certificate_server.status, certificate_server.body = status, body
    token = token_signer.token(token_signer.new_user())
    with pytest.raises(AuthUnavailable):
        await verifier.verify(token)


async def test_a_refused_connection_to_the_certificates_is_503_and_nothing_secret_is_logged(
    token_signer: Issuer,
    verifier: TokenVerifier,
    certificate_server: CertificateServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    token = token_signer.token(token_signer.new_user())
    certificate_server.stop()
    with pytest.raises(AuthUnavailable) as fault:
        await verifier.verify(token)
    assert fault.value.__suppress_context__
    assert token.split(".")[2] not in caplog.text
    assert "TransportError" in caplog.text or "CertificateFetchError" in caplog.text


async def test_an_emulator_in_the_environment_turns_no_signature_check_off(
    token_signer: Issuer,
    verifier: TokenVerifier,
    auth_emulator: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(EMULATOR_VARIABLE, auth_emulator)
    forged = f"{segment({'alg': 'none'})}.{segment(claims_of(token_signer.new_user()))}."
    with pytest.raises(AuthUnavailable):
        await verifier.verify(forged)
