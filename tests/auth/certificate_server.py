"""A local server of certificates, in place of Google's."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.services.http_server import Answer, Asked, serving

KEY_ID = "kid1"


def certificate(key: rsa.RSAPrivateKey) -> str:
    """A self-signed certificate of this key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "securetoken")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return signed.public_bytes(serialization.Encoding.PEM).decode()


class CertificateServer:
    """Answers every GET with `status` and `body`, and counts the requests."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.status, self.fetches = 200, 0
        self.body = orjson.dumps({KEY_ID: certificate(key)})
        self.url = ""
        self._running = ExitStack()

    @contextmanager
    def running(self) -> Iterator["CertificateServer"]:
        with self._running:
            self.url = f"{self._running.enter_context(serving(self._answer))}/certificates"
            yield self

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._running.close()

    def _answer(self, _: Asked) -> Answer:
        self.fetches += 1
        return self.status, {"Cache-Control": "public, max-age=3600"}, self.body
