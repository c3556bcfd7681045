"""The services that tests and `make run` start are real, and stop without a trace."""

import signal
from pathlib import Path

import httpx
import pytest
import redis
from azure.storage.blob import BlobServiceClient
from redis.backoff import NoBackoff
from redis.retry import Retry

from local.process import StartError, answers
from local.services import AUTH_PROJECT, start_redis
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.redis import RedisFactory


def _client(url: str, timeout: float = LONG_SECONDS) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=timeout, retry=Retry(NoBackoff(), 0))


def test_two_redis_servers_are_independent(redis_server: RedisFactory) -> None:
    with redis_server() as one, redis_server() as other:
        _client(one.url).set("key", "value")
        assert _client(other.url).get("key") is None


def test_arguments_reach_the_redis_server(redis_server: RedisFactory) -> None:
    with redis_server("--maxmemory", "50mb") as server:
        settings = _client(server.url).config_get("maxmemory*")
    assert settings["maxmemory"] == str(50 * 1024 * 1024)
    assert settings["maxmemory-policy"] == "volatile-lru"


def test_a_frozen_redis_answers_again_after_the_thaw(redis_server: RedisFactory) -> None:
    with redis_server() as server:
        server.freeze()
        with pytest.raises(redis.TimeoutError):
            _client(server.url, timeout=0.2).ping()
        server.thaw()
        assert _client(server.url).ping()


def test_a_killed_redis_comes_back_empty_on_its_port(redis_server: RedisFactory) -> None:
    with redis_server() as server:
        _client(server.url).set("key", "value")
        server.kill()
        assert server.process.status == -signal.SIGKILL
        with pytest.raises(redis.ConnectionError):
            _client(server.url).ping()
        server.restart()
        assert _client(server.url).get("key") is None


def test_a_redis_is_gone_after_its_block(redis_server: RedisFactory) -> None:
    with redis_server() as server:
        assert answers(server.port)
    assert not answers(server.port)


def test_a_redis_whose_port_another_one_took_is_not_ready(
    redis_server: RedisFactory, tmp_path: Path
) -> None:
    with redis_server() as quicker:
        slower = start_redis(tmp_path, port=quicker.port)
        with slower.process, pytest.raises(StartError, match="Address already in use"):
            slower.wait()


def test_the_auth_emulator_signs_up_and_hides_which_emails_exist(auth_emulator: str) -> None:
    accounts = f"http://{auth_emulator}/identitytoolkit.googleapis.com/v1/accounts"
    user = {"email": "hidden@example.org", "password": "long enough", "returnSecureToken": True}
    signed_up = httpx.post(f"{accounts}:signUp?key=any", json=user, timeout=60)
    assert signed_up.json()["idToken"]
    for stranger in ({**user, "password": "another"}, {**user, "email": "no@example.org"}):
        refused = httpx.post(f"{accounts}:signInWithPassword?key=any", json=stranger, timeout=60)
        assert refused.json()["error"]["message"] == "INVALID_LOGIN_CREDENTIALS"


def test_the_auth_emulator_knows_the_project(auth_emulator: str) -> None:
    answer = httpx.get(
        f"http://{auth_emulator}/emulator/v1/projects/{AUTH_PROJECT}/config", timeout=60
    )
    assert answer.status_code == 200


def test_the_auth_emulator_refuses_what_breaks_googles_schema(auth_emulator: str) -> None:
    sign_up = f"http://{auth_emulator}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=any"
    answer = httpx.post(sign_up, json={"email": ["a list"]}, timeout=60)
    assert answer.status_code == 400
    assert "must be string" in answer.json()["error"]["message"]


def test_azurite_keeps_a_blob(azurite: str) -> None:
    with BlobServiceClient.from_connection_string(azurite) as client:
        container = client.create_container("kept")
        container.upload_blob("name", b"content")
        assert container.download_blob("name").readall() == b"content"
