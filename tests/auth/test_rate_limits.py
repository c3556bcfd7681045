"""Rate limits per address and per account, counted in the process and in Redis."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

import pytest

from shared.auth.client_address import UNKNOWN
from shared.auth.rate_counters import MemoryCounters
from shared.auth.rate_limits import (
    DELAY_STEP_SECONDS,
    MAX_DELAY_SECONDS,
    PAUSE_SECONDS,
    POLICIES,
    Counters,
    Policy,
    RateLimits,
)
from shared.errors import TooManyRequests
from shared.runtime import ThreadWorkers
from tests.auth.manual_clock import ManualClock
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.rate_counters import counters_on
from tests.services.redis import RedisFactory, RedisServer

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.2"
ADA, BOB = "ada@example.org", "bob@example.org"
pytestmark = pytest.mark.usefixtures("rate_windows")
WORKERS = ThreadWorkers(1, "test")
TEST_POLICY = {
    "login": Policy("3/minute; 5/hour", "6/minute", undelayed=4),
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="module")
def server(redis_server: RedisFactory) -> RedisServer:
    return redis_server()


class Instance(Protocol):
    def __call__(
        self, shared: Counters | None = None, timeout: float = LONG_SECONDS
    ) -> RateLimits: ...


@pytest.fixture
async def instance(clock: ManualClock) -> AsyncIterator[Instance]:
    """`instance(counters)` makes the rate limits of one more instance of the app."""
    running: list[RateLimits] = []

    def start(shared: Counters | None = None, timeout: float = LONG_SECONDS) -> RateLimits:
        limits = RateLimits(
            MemoryCounters(WORKERS),
            shared,
            policies=TEST_POLICY,
            timeout=timeout,
            clock=clock,
            sleep=clock.sleep,
        )
        running.append(limits)
        return limits

    yield start
    for limits in running:
        await limits.close()


@pytest.fixture(params=["memory", "redis"])
def limits(request: pytest.FixtureRequest, instance: Instance) -> RateLimits:
    """Limits that count in the process, then limits that count in Redis."""
    if request.param == "memory":
        return instance()
    server: RedisServer = request.getfixturevalue("server")
    server.kill()
    server.restart()
    return instance(on_redis(server.url))


async def ask(limits: RateLimits, times: int, address: str = HOME, account: str = ADA) -> None:
    for _ in range(times):
        await limits.check("login", address, account)


async def test_an_account_at_one_address_has_its_rate(limits: RateLimits) -> None:
    await ask(limits, 3)
    with pytest.raises(TooManyRequests) as refusal:
        await ask(limits, 1)
    assert 1 <= int(refusal.value.headers["Retry-After"]) <= 61


async def test_a_stranger_elsewhere_cannot_lock_a_user_out(limits: RateLimits) -> None:
    with pytest.raises(TooManyRequests):
        await ask(limits, 100, address=ELSEWHERE)
    await ask(limits, 3, address=HOME)


async def test_an_address_has_its_rate_over_all_accounts(limits: RateLimits) -> None:
    for number in range(6):
        await ask(limits, 1, account=f"user{number}@example.org")
    with pytest.raises(TooManyRequests):
        await ask(limits, 1, account=BOB)
    with pytest.raises(TooManyRequests):
        await limits.check("login", HOME, None)
    await ask(limits, 1, address=ELSEWHERE, account=BOB)


@pytest.mark.parametrize("spelling", ["ADA@example.org", "  ada@Example.ORG\n"])
async def test_spellings_of_one_email_share_its_rate(limits: RateLimits, spelling: str) -> None:
    await ask(limits, 3)
    with pytest.raises(TooManyRequests):
        await ask(limits, 1, account=spelling)


async def test_an_account_asked_for_from_everywhere_is_slowed_and_never_refused(
    limits: RateLimits, clock: ManualClock
) -> None:
    waits = []
    for number in range(30):
        began = clock()
        await ask(limits, 1, address=f"198.51.100.{number}")
        waits.append(round(clock() - began, 3))
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:7] == [round(DELAY_STEP_SECONDS * step, 3) for step in (1, 2, 3)]
    assert waits[-1] == MAX_DELAY_SECONDS


async def test_an_unknown_address_is_slowed_and_never_refused(
    limits: RateLimits, clock: ManualClock
) -> None:
    began = clock()
    await ask(limits, 3, address=UNKNOWN)
    assert clock() == began
    await ask(limits, 20, address=UNKNOWN)
    assert clock() - began == 20 * MAX_DELAY_SECONDS


async def test_every_action_that_is_limited_has_a_policy() -> None:
    limits = RateLimits(MemoryCounters(WORKERS))
    for action in ("signup", "login", "new"):
        await limits.check(action, HOME, ADA)
    assert set(POLICIES) == {"signup", "login", "new"}


async def test_after_retry_after_the_next_request_is_allowed(rate_windows: ManualClock) -> None:
    policies = {"login": Policy("2/second", "100/second", undelayed=1000)}
    limits = RateLimits(MemoryCounters(WORKERS), policies=policies)
    await ask(limits, 2)
    with pytest.raises(TooManyRequests) as refusal:
        await ask(limits, 1)
    rate_windows.reading += int(refusal.value.headers["Retry-After"])
    await ask(limits, 1)


async def test_memory_stays_bounded_when_addresses_never_end() -> None:
    counters = MemoryCounters(WORKERS, max_keys=50)
    limits = RateLimits(counters, policies=TEST_POLICY)
    for number in range(500):
        await limits.check("login", f"2001:db8:{number:x}::/64", None)
    limiter: Any = await counters._limiter.get()
    assert len(limiter.storage.storage) <= 52


async def test_an_address_that_is_refused_makes_no_key_for_the_names_it_thinks_of() -> None:
    counters = MemoryCounters(WORKERS)
    limits = RateLimits(counters, policies=TEST_POLICY)
    for number in range(6):
        await ask(limits, 1, account=f"user{number}@example.org")
    limiter: Any = await counters._limiter.get()
    keys = set(limiter.storage.storage)
    for number in range(50):
        with pytest.raises(TooManyRequests):
            await ask(limits, 1, account=f"made-up{number}@example.org")
    assert set(limiter.storage.storage) == keys


def on_redis(url: str) -> Counters:
    return counters_on(url, WORKERS)


async def test_instances_share_the_count_through_redis(
    redis_server: RedisFactory, instance: Instance
) -> None:
    url = redis_server().url
    one, other = instance(on_redis(url)), instance(on_redis(url))
    await ask(one, 2)
    await ask(other, 1)
    with pytest.raises(TooManyRequests):
        await ask(other, 1)


async def test_redis_learns_no_email_and_forgets_the_counts(
    redis_server: RedisFactory, instance: Instance
) -> None:
    import redis.asyncio

    url = redis_server().url
    await ask(instance(on_redis(url)), 1)
    async with redis.asyncio.Redis.from_url(url, decode_responses=True) as client:
        keys = await client.keys("*")
        lives = [await client.ttl(key) for key in keys]
    assert keys
    assert all(str(key).startswith("smart-cache:limits:") for key in keys)
    assert "ada" not in str(keys)
    assert all(0 < life <= 7200 for life in lives)


@pytest.mark.parametrize("fault", ["frozen", "killed"])
async def test_without_redis_each_instance_goes_on_counting_at_once(
    redis_server: RedisFactory,
    instance: Instance,
    fault: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = redis_server()
    one = instance(on_redis(server.url))
    await ask(one, 1)
    if fault == "frozen":
        server.freeze()
    else:
        server.kill()
    # One has a short timeout of its own, the other a short timeout of each answer.
    one._timeout = 0.1
    other = instance(counters_on(server.url, WORKERS, 0.1))
    async with asyncio.timeout(LONG_SECONDS / 2):
        await ask(one, 3)
        with pytest.raises(TooManyRequests):
            await ask(one, 1)
        await ask(other, 3)
    assert caplog.text.count("counted in the process") == 2


async def test_redis_is_left_alone_for_a_while_and_then_used_again(
    redis_server: RedisFactory, instance: Instance, clock: ManualClock
) -> None:
    server = redis_server()
    one, other = instance(on_redis(server.url)), instance(on_redis(server.url))
    server.kill()
    await ask(one, 1)
    server.restart()
    clock.reading += PAUSE_SECONDS - 1
    await ask(one, 2)
    with pytest.raises(TooManyRequests):
        await ask(one, 1)
    await ask(other, 1)
    clock.reading += 1
    await ask(one, 2)
    with pytest.raises(TooManyRequests):
        await ask(other, 1)
