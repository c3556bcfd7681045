"""Whether a record is in the list of all, from what was counted (docs/protocol.md, rule 33)."""

from collections.abc import Sequence

import pytest

from shared.repository.counted_records import NOTHING, Counted, count_all, is_listed

LIMIT = 100


class Records:
    """Records with these ids, and how many of them were counted."""

    def __init__(self, *identities: int) -> None:
        self._identities = identities
        self.counted = 0

    def count(self, after: int, before: int, most: int) -> Sequence[int]:
        found = [identity for identity in self._identities if after < identity < before][:most]
        self.counted += len(found)
        return len(found), max(found, default=0)


@pytest.mark.parametrize("counted", [Counted(100, 100), Counted(100, 900), Counted(500, 900)])
def test_a_record_after_enough_records_is_not_listed_and_nothing_is_counted(
    counted: Counted,
) -> None:
    records = Records()
    assert is_listed(records.count, counted, 901, LIMIT) == (False, counted)
    assert records.counted == 0


@pytest.mark.parametrize(
    ("counted", "identity"), [(NOTHING, 1), (NOTHING, 100), (Counted(40, 70), 130)]
)
def test_a_record_is_listed_if_there_is_room_for_every_id_before_it(
    counted: Counted, identity: int
) -> None:
    records = Records(*range(71, identity))
    assert is_listed(records.count, counted, identity, LIMIT) == (True, counted)
    assert records.counted == 0


@pytest.mark.parametrize(("counted", "identity"), [(NOTHING, 101), (Counted(40, 70), 131)])
def test_else_the_records_between_are_counted(counted: Counted, identity: int) -> None:
    full = Records(*range(counted.last_id + 1, identity))
    assert is_listed(full.count, counted, identity, LIMIT) == (False, Counted(100, identity - 1))
    ids = [number for number in range(counted.last_id + 1, identity) if number != 99]
    one_less = Records(*ids)
    assert is_listed(one_less.count, counted, identity, LIMIT) == (True, Counted(99, identity - 1))


def test_no_more_records_are_counted_than_decide() -> None:
    records = Records(*range(1, 1000))
    assert is_listed(records.count, Counted(40, 40), 1000, LIMIT) == (False, Counted(100, 100))
    assert records.counted == 60


def test_ids_that_jump_are_counted_once() -> None:
    ids = range(1, 100_000, 1000)
    records, counted = Records(*ids), NOTHING
    for identity in ids:
        listed, counted = is_listed(records.count, counted, identity, LIMIT)
        assert listed
    assert is_listed(records.count, counted, 100_001, LIMIT) == (False, Counted(100, 99_001))
    assert records.counted == len(ids)


def test_a_record_before_those_that_were_counted_is_counted_from_the_beginning() -> None:
    counted = Counted(150, 1000)
    before = Records(*range(1, 120))
    assert is_listed(before.count, counted, 120, LIMIT) == (False, counted)
    assert is_listed(before.count, counted, 100, LIMIT) == (True, counted)
    few = Records(*range(1, 50), 1000)
    assert is_listed(few.count, counted, 900, LIMIT) == (True, counted)


def test_a_raised_limit_counts_on_and_a_lowered_one_does_not() -> None:
    records, counted = Records(*range(1, 300)), Counted(100, 100)
    assert is_listed(records.count, counted, 300, LIMIT // 2) == (False, counted)
    assert records.counted == 0
    assert is_listed(records.count, counted, 300, 2 * LIMIT) == (False, Counted(200, 200))
    assert records.counted == 100


def test_without_records_between_what_was_counted_stays() -> None:
    assert is_listed(Records().count, Counted(40, 70), 5000, LIMIT) == (True, Counted(40, 70))


def test_all_records_are_counted_from_the_last_one_on() -> None:
    records = Records(*range(1, 300))
    assert count_all(records.count, Counted(100, 100)) == Counted(299, 299)
    assert records.counted == 199
    assert count_all(records.count, Counted(299, 299)) == Counted(299, 299)
