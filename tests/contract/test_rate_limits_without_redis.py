"""Whatever fails in any kind of Redis, the rate limits go on: each instance then counts alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from shared.auth.rate_counters import MemoryCounters
from shared.auth.rate_limits import PAUSE_SECONDS, Policy, RateLimits
from shared.errors import TooManyRequests
from shared.runtime import ThreadWorkers
from tests.auth.manual_clock import ManualClock
from tests.contract.redis_nodes import KINDS, Nodes, started_nodes
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.rate_counters import counters_on
from tests.services.required_service import required_service

pytestmark = pytest.mark.usefixtures("rate_windows")
WORKERS = ThreadWorkers(1, "test")
POLICIES = {"login": Policy("3/minute", "100/minute", undelayed=100)}
SHORT_SECONDS = 0.2
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"


class Instance:
    """The rate limits of one instance, on a clock that stands still."""

    def __init__(self, url: str, timeout: float) -> None:
        self.clock = ManualClock()
        self.limits = RateLimits(
            MemoryCounters(WORKERS),
            counters_on(url, WORKERS, timeout),
            policies=POLICIES,
            timeout=LONG_SECONDS,
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    async def ask(self, times: int, account: str = ADA) -> None:
        for _ in range(times):
            await self.limits.check("login", "203.0.113.7", account)

    async def refuses(self, account: str = ADA) -> None:
        with pytest.raises(TooManyRequests):
            await self.ask(1, account)

    def after_the_pause(self) -> None:
        self.clock.reading += PAUSE_SECONDS


type MakeInstance = Callable[[str, float], Instance]


@pytest.fixture
async def instance() -> AsyncIterator[MakeInstance]:
    made: list[Instance] = []

    def make(url: str, timeout: float = LONG_SECONDS) -> Instance:
        made.append(Instance(url, timeout))
        return made[-1]

    yield make
    for one in made:
        await one.limits.close()


@contextmanager
def frozen(nodes: Nodes) -> Iterator[None]:
    """It answers nothing."""
    nodes.freeze()
    with undone(nodes.thaw):
        yield


@contextmanager
def full(nodes: Nodes) -> Iterator[None]:
    """It has no memory, and may evict nothing: OOM."""
    nodes.command("CONFIG SET", "maxmemory-policy", "noeviction", "maxmemory", 1)
    with undone(nodes.command, "CONFIG SET", "maxmemory-policy", "volatile-lru", "maxmemory", 0):
        yield


@contextmanager
def without_replicas(nodes: Nodes) -> Iterator[None]:
    """It refuses writes: NOREPLICAS."""
    nodes.command("CONFIG SET", "min-replicas-to-write", 1)
    with undone(nodes.command, "CONFIG SET", "min-replicas-to-write", 0):
        yield


@contextmanager
def without_scripts(nodes: Nodes) -> Iterator[None]:
    """Its user lacks the right: NOPERM."""
    nodes.command("ACL SETUSER", "default", "-@scripting")
    with undone(nodes.command, "ACL SETUSER", "default", "+@all"):
        yield


@contextmanager
def spoiled(nodes: Nodes) -> Iterator[None]:
    """Every key has another type: WRONGTYPE."""
    nodes.spoil()
    with undone(nodes.empty):
        yield


@contextmanager
def undone(undo: Callable[..., object], *arguments: str | int) -> Iterator[None]:
    try:
        yield
    finally:
        undo(*arguments)


FAULTS: list[Callable[[Nodes], AbstractContextManager[None]]] = [
    frozen,
    full,
    without_replicas,
    without_scripts,
    spoiled,
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_redis_that_fails_costs_the_limits_nothing_but_sharing(
    nodes: Nodes,
    instance: MakeInstance,
    fault: Callable[[Nodes], AbstractContextManager[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = instance(nodes.url, SHORT_SECONDS if fault is frozen else LONG_SECONDS)
    await one.ask(1, EVE)
    with fault(nodes):
        for allowed in (2, 1):
            await one.ask(allowed, EVE)
            one.after_the_pause()
        await one.refuses(EVE)
    assert caplog.text.count("rate limits are counted in the process") == 3
    one.after_the_pause()
    await one.ask(3, BOB)
    await one.refuses(BOB)
    assert caplog.text.count("rate limits are counted in the process") == 3


@pytest.mark.parametrize("kind", KINDS)
async def test_a_redis_that_is_gone_for_good_fails_no_request_ever(
    kind: str, instance: MakeInstance, tmp_path: Path
) -> None:
    with required_service(), started_nodes(kind, tmp_path) as nodes:
        one = instance(nodes.url, LONG_SECONDS)
        await one.ask(1)
        nodes.kill()
        for _ in range(3):
            await one.ask(1)
            one.after_the_pause()
        await one.refuses()
        late = instance(nodes.url, LONG_SECONDS)
        await late.ask(3)
        await late.refuses()


async def test_a_cluster_without_one_of_its_nodes_fails_no_request(
    instance: MakeInstance, tmp_path: Path
) -> None:
    with required_service(), started_nodes("redis_cluster", tmp_path) as nodes:
        one = instance(nodes.url, LONG_SECONDS)
        await one.ask(1)
        nodes.kill_last()
        for number in range(20):
            await one.ask(3, account=f"user{number}@example.org")
            one.after_the_pause()


@pytest.mark.parametrize("sign_in", ["someone:wrong@", ":wrong@"])
async def test_a_wrong_password_costs_nothing_but_sharing(
    nodes: Nodes, instance: MakeInstance, sign_in: str, caplog: pytest.LogCaptureFixture
) -> None:
    one = instance(nodes.url.replace("://", f"://{sign_in}"), LONG_SECONDS)
    await one.ask(3)
    await one.refuses()
    assert "rate limits are counted in the process" in caplog.text
    assert "wrong" not in caplog.text


async def test_a_caller_who_leaves_is_not_taken_for_a_failure(
    nodes: Nodes, instance: MakeInstance, caplog: pytest.LogCaptureFixture
) -> None:
    one = instance(nodes.url, LONG_SECONDS)
    await one.ask(1)
    nodes.freeze()
    asking = asyncio.create_task(one.ask(1))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    nodes.thaw()
    await one.ask(1)
    assert "rate limits" not in caplog.text
