"""Ending all sign-ins of a user."""

from shared.auth.firebase import Firebase
from shared.auth.sessions import Sessions
from shared.runtime import ThreadWorkers
from tests.auth.manual_clock import ManualClock
from tests.auth.token_issuers import Issuer


class Recorder:
    """A client that records the time of each revocation."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.revoked: list[tuple[str, float]] = []

    def revoke_refresh_tokens(self, uid: str) -> None:
        self.revoked.append((uid, self._clock()))


async def test_the_revocation_waits_for_the_second_after_the_last_token() -> None:
    clock = ManualClock(1000.25)
    client = Recorder(clock)
    firebase = Firebase(lambda: client, ThreadWorkers(1, "test"))
    await Sessions(firebase, now=clock, sleep=clock.sleep).end("u1")
    assert client.revoked == [("u1", 1001.0)]


async def test_a_clock_that_is_set_back_meanwhile_makes_the_wait_a_second_longer() -> None:
    clock, waits = ManualClock(5000.25), list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.reading = 1000.25 if len(waits) == 1 else clock.reading + seconds

    client = Recorder(clock)
    firebase = Firebase(lambda: client, ThreadWorkers(1, "test"))
    await Sessions(firebase, now=clock, sleep=sleep).end("u1")
    assert client.revoked == [("u1", 1001.0)]
    assert sum(waits) <= 2


async def test_a_user_who_is_gone_has_no_sessions_to_end(token_signer: Issuer) -> None:
    clock = ManualClock()
    await Sessions(token_signer.firebase, now=clock, sleep=clock.sleep).end("gone")
