"""Redis without a password: real azure-identity, a real server over TLS that knows tokens."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from shared.cache.circuit_breaker import CircuitBreaker
from shared.cache.redis.entra import RedisIdentity
from shared.cache.redis.redis_store import RedisStore
from shared.cache.store import CONTROL_SECONDS, Store, StoreUnavailable
from shared.runtime import Background, ThreadWorkers
from shared.telemetry import CountedEvents
from tests.auth.manual_clock import ManualClock
from tests.contract.store.identity_endpoint import OBJECT_ID, IdentityEndpoint, running_endpoint
from tests.contract.store.servers import start_tls_server
from tests.contract.store.stages import real_runtime
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.rate_counters import counters_on
from tests.services.required_service import required_service


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityEndpoint]:
    # Without a managed identity the chain would go on to whoever is logged in on this machine.
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    monkeypatch.delenv("AZURE_CLIENT_ID", raising=False)
    with running_endpoint() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as running, required_service():
        yield start_tls_server(tmp_path_factory.mktemp("tls"), running)


@pytest.fixture
def administrator(server: str, endpoint: IdentityEndpoint) -> Iterator[Redis]:
    """Who tells the server of each token that is issued: the user's password, as in Azure."""
    with Redis.from_url(server, protocol=2) as client:
        command: Any = client.execute_command
        command("ACL SETUSER", OBJECT_ID, "reset", "on", "~*", "&*", "+@all")
        endpoint.tell = lambda token: command("ACL SETUSER", OBJECT_ID, f">{token}")
        yield client
        command("ACL DELUSER", OBJECT_ID)


@pytest.fixture
def events() -> CountedEvents:
    return CountedEvents()


@asynccontextmanager
async def signing_in(server: str, seconds: float) -> AsyncIterator[tuple[RedisStore, Background]]:
    background = Background()
    redis = RedisStore(f"{server}&auth=entra", real_runtime(background), control_seconds=seconds)
    yield redis, background
    await background.drain()
    await redis.close()


@pytest.fixture
async def store(server: str, events: CountedEvents) -> AsyncIterator[Store]:
    """As patient as a first token wants it; the circuit's clock stands still."""
    async with signing_in(server, LONG_SECONDS) as (redis, background):
        yield CircuitBreaker(redis, real_runtime(background, clock=ManualClock(), events=events))


@pytest.fixture
async def prompt_store(server: str) -> AsyncIterator[Store]:
    """With the product's own bound on an answer."""
    async with signing_in(server, CONTROL_SECONDS) as (redis, _):
        yield redis


@pytest.mark.usefixtures("administrator")
async def test_connections_sign_in_as_the_apps_identity(
    store: Store, endpoint: IdentityEndpoint, server: str
) -> None:
    await store.known_version("all")
    with Redis.from_url(server, protocol=2) as client:
        users = [one["user"] for one in client.client_list()]
    assert OBJECT_ID in users
    assert set(endpoint.resources) == {"https://redis.azure.com"}


async def test_when_the_token_has_expired_the_next_one_is_there(
    store: Store, endpoint: IdentityEndpoint, administrator: Redis, events: CountedEvents
) -> None:
    """Azure breaks off connections whose token has expired."""
    endpoint.ttl = 4
    await store.known_version("all")
    await _renewed(_signer(store))
    command: Any = administrator.execute_command
    command("ACL SETUSER", OBJECT_ID, f"<{endpoint.issued[0]}")
    command("CLIENT KILL", "USER", OBJECT_ID)
    await store.known_version("all")
    assert not events.counts


def _signer(store: Any) -> RedisIdentity:
    signer: RedisIdentity = store._store._control._connector._options["credential_provider"]
    return signer


async def _renewed(signer: RedisIdentity) -> None:
    """Until it has another token, which it fetches by itself."""
    first = signer._token
    async with asyncio.timeout(LONG_SECONDS):
        while True:
            await asyncio.sleep(0.05)
            if signer._token is not first:
                return


REQUEST: ContextVar[str] = ContextVar("request", default="")


async def test_renewals_belong_to_no_request(
    endpoint: IdentityEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.ttl = 4
    fetched_for: list[str] = []
    fetch = RedisIdentity._request_token

    def recorded(signer: RedisIdentity) -> Any:
        fetched_for.append(REQUEST.get())
        return fetch(signer)

    monkeypatch.setattr(RedisIdentity, "_request_token", recorded)
    REQUEST.set("the first")
    signer = RedisIdentity()
    await signer.get_credentials_async()
    await _renewed(signer)
    assert fetched_for[:2] == ["the first", ""]


async def test_the_event_loop_goes_on_while_a_token_is_fetched(endpoint: IdentityEndpoint) -> None:
    endpoint.hold()
    credentials = asyncio.create_task(RedisIdentity().get_credentials_async())
    assert await asyncio.to_thread(endpoint.asked.acquire, timeout=LONG_SECONDS)
    # Had the loop stood still until the answer, there would be one.
    assert not endpoint.issued
    endpoint.release()
    assert await credentials == (OBJECT_ID, endpoint.issued[0])


async def test_all_who_need_a_token_wait_for_one(endpoint: IdentityEndpoint) -> None:
    signer = RedisIdentity()
    given = await asyncio.gather(*(signer.get_credentials_async() for _ in range(9)))
    assert set(given) == {(OBJECT_ID, endpoint.issued[0])}
    assert len(endpoint.resources) == 1


async def test_an_entra_that_says_nothing_costs_what_a_dead_redis_does(
    prompt_store: Store, endpoint: IdentityEndpoint
) -> None:
    endpoint.hold()
    async with asyncio.timeout(LONG_SECONDS):  # the endpoint says nothing for longer
        with pytest.raises(StoreUnavailable):
            await prompt_store.known_version("all")
    assert not endpoint.issued
    endpoint.release()


async def test_an_entra_that_refuses_is_an_error_without_a_secret(
    endpoint: IdentityEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.refuses = True
    signer = RedisIdentity()
    for _ in range(2):
        with pytest.raises(AuthenticationError) as refused:
            await signer.get_credentials_async()
    assert str(refused.value) == "Entra gave no token for Redis: RequestTokenErr"
    ours = [record for record in caplog.records if record.name == "shared.cache.redis.entra"]
    assert [record.getMessage() for record in ours] == [str(refused.value)]


@pytest.mark.usefixtures("administrator", "endpoint")
async def test_the_rate_limits_sign_in_the_same_way(server: str) -> None:
    counters = counters_on(f"{server}&auth=entra", ThreadWorkers(1, "auth"))
    await counters.prepare()
    assert await counters.spend("somebody", "1/minute") == 0
    assert await counters.spend("somebody", "1/minute") > 0
    await counters.close()
