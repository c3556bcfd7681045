"""What is remembered of users in good standing."""

from shared.auth.revocation import TRUSTED_SECONDS, CheckedUsers
from tests.auth.manual_clock import ManualClock


def test_a_check_serves_its_minute_counted_from_its_beginning() -> None:
    clock = ManualClock()
    users = CheckedUsers(clock)
    began = clock()
    clock.reading += 10
    users.note("u1", 500, began)
    clock.reading += TRUSTED_SECONDS - 11
    assert users.holds("u1", 500)
    clock.reading += 1
    assert not users.holds("u1", 500)


def test_a_check_of_one_token_serves_later_ones_and_not_earlier_ones() -> None:
    users = CheckedUsers(ManualClock())
    users.note("u1", 500, 1000)
    assert users.holds("u1", 501)
    assert not users.holds("u1", 499)
    assert not users.holds("u2", 501)


def test_the_users_not_seen_for_longest_are_forgotten_first() -> None:
    users = CheckedUsers(ManualClock(), max_users=2)
    users.note("u1", 500, 1000)
    users.note("u2", 500, 1000)
    users.holds("u1", 500)
    users.note("u3", 500, 1000)
    assert [uid for uid in ("u1", "u2", "u3") if users.holds(uid, 500)] == ["u1", "u3"]
