"""No secret is in the host's output or in an answer: marked secrets are sent and searched for."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.emulator_users import PASSWORD
from tests.api.marked_secrets import MARK, SETTINGS, with_password
from tests.api.running_product import Product, running_product
from tests.services.redis import RedisFactory, RedisServer


@pytest.fixture
def secured_redis(redis_server: RedisFactory) -> RedisServer:
    return redis_server("--requirepass", MARK)


@pytest.fixture
def marked(
    loaded_file: Path, tmp_path: Path, secured_redis: RedisServer, auth_emulator: str
) -> Iterator[Product]:
    """A running product with marked secrets in its settings."""
    secured = with_password(secured_redis.url)
    with running_product(loaded_file, tmp_path, secured, auth_emulator, **SETTINGS) as running:
        yield running


def _requests(client: httpx.Client) -> Iterator[httpx.Response]:
    email, password = f"{uuid.uuid4().hex}@example.org", f"{PASSWORD} {MARK}"
    credentials = {"email": email, "password": password}
    yield client.post("/signup", json=credentials)
    signed_in = client.post("/login", json=credentials)
    yield client.post("/login", json={**credentials, "password": MARK})
    tokens = signed_in.json()
    user = {"Authorization": f"Bearer {tokens['idToken']}"}
    yield client.get("/", headers=user)
    yield client.post("/features/new", json={"genre": MARK}, headers=user)
    client.post("/token", json={"refreshToken": tokens["refreshToken"]}).raise_for_status()
    yield client.post("/token", json={"refreshToken": MARK})
    yield client.post("/logout", headers=user)
    yield client.get("/", headers={"Authorization": f"Bearer {MARK}.{MARK}.{MARK}"})
    yield client.post("/signup", json={**credentials, "password": MARK[:5]})
    broken = f'{{"password": "{MARK}", '
    yield client.post("/login", content=broken, headers={"Content-Type": "application/json"})
    yield client.post("/login", json={"email": MARK * 60, "password": MARK})


def test_no_password_token_or_key_is_printed_or_answered(marked: Product) -> None:
    answers = list(_requests(marked.client))
    marked.client.get("/features")
    assert {answer.status_code for answer in answers} >= {200, 201, 204, 400, 401, 403, 422}
    for answer in answers:
        assert MARK not in answer.text, answer.request.url.path
    printed = marked.app.host.output()
    assert printed
    assert MARK not in printed
    assert "eyJ" not in printed


def test_the_faults_of_redis_and_of_sql_print_no_secret_of_the_settings(
    marked: Product, secured_redis: RedisServer, tmp_path: Path
) -> None:
    assert marked.client.get("/api/health").json()["redis"] == "up"
    secured_redis.kill()
    assert marked.client.get("/features/custom?arg=Pop").status_code == 200
    (tmp_path / "data.sqlite").write_bytes(b"no database at all" * 5000)
    assert marked.client.get("/features?view=full").status_code == 503
    assert marked.client.get("/api/health").status_code == 503
    assert MARK not in marked.app.host.output()
