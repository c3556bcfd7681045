"""No byte that the ingestion endpoint receives is part of a secret; secrets contain a mark."""

import uuid
from collections.abc import Mapping

import httpx
import pytest

from tests.api.emulator_users import SignedInUser
from tests.api.marked_secrets import MARK, SETTINGS, with_password
from tests.api.running_product import Product
from tests.services.redis import RedisFactory, RedisServer
from tests.telemetry.ingestion_sink import Sink
from tests.telemetry.received_traces import Caller, whole_trace


@pytest.fixture(scope="module")
def redis(redis_server: RedisFactory) -> RedisServer:
    return redis_server("--requirepass", MARK)


@pytest.fixture(scope="module")
def settings(redis: RedisServer) -> Mapping[str, str]:
    """With secrets that contain the mark."""
    return {**SETTINGS, "REDIS_URL": with_password(redis.url)}


def use(client: httpx.Client, editor: SignedInUser) -> None:
    """Send secrets in every way: header, body, query; accepted and refused."""
    credentials = {"email": f"{uuid.uuid4().hex}@example.org", "password": f"long enough {MARK}"}
    client.post("/signup", json=credentials).raise_for_status()
    tokens = client.post("/login", json=credentials).raise_for_status().json()
    client.post("/login", json={**credentials, "password": MARK})
    client.post("/login", content=f'{{"password": "{MARK}", ')
    client.post("/token", json={"refreshToken": tokens["refreshToken"]}).raise_for_status()
    client.post("/token", json={"refreshToken": MARK})
    user = {"Authorization": f"Bearer {tokens['idToken']}", "Cookie": MARK, "X-Api-Key": MARK}
    client.get("/", headers=user).raise_for_status()
    client.get("/", headers={"Authorization": f"Bearer {MARK}.{MARK}.{MARK}"})
    client.get(f"/features/custom?arg={MARK}&token={MARK}", headers=user)
    client.get(f"/features/custom?arg=Pop&view={MARK}", headers={"If-None-Match": f'"{MARK}"'})
    record = {"genre": "Pop", "track_id": MARK, "artist_name": MARK}
    client.post("/features/new", json=record, headers={"Authorization": editor.authorization})
    client.post("/logout", headers=user).raise_for_status()


def test_no_secret_ever_arrives(
    product: Product, sink: Sink, redis: RedisServer, editor: SignedInUser
) -> None:
    use(product.client, editor)
    redis.kill()
    use(product.client, editor)
    last = Caller()
    product.client.get("/api/health", headers=last.headers())
    whole_trace(sink, last.trace)
    received = b"\n".join(sink.raw)
    assert len(sink.envelopes("Request")) > 20
    assert sink.envelopes("Exception")
    assert MARK.encode() not in received
    assert b"eyJ" not in received  # how every token begins
    assert MARK not in product.app.host.output()
