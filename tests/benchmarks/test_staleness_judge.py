"""Which reads are stale: invented histories."""

import pytest

from benchmarks.staleness.history import Read, Write
from benchmarks.staleness.judge import Verdict, judge


def read(began: float, *shown: str, genre: str = "Pop") -> Read:
    return Read(genre, began, began + 1, frozenset(shown))


def failed(began: float) -> Read:
    return Read("Pop", began, began + 1, None)


def written(track_id: str, at: float | None, genre: str = "Pop") -> Write:
    return Write(genre, track_id, at)


def test_a_read_that_began_after_the_201_and_lacks_the_record_is_stale() -> None:
    assert judge([read(5.25)], [written("a", 5.0)]) == Verdict(reads=1, stale=1, longest=0.25)


@pytest.mark.parametrize("began", [4.0, 5.0])
def test_a_read_that_began_before_the_201_or_with_it_is_never_stale(began: float) -> None:
    assert judge([read(began)], [written("a", 5.0)]).stale == 0


def test_a_read_that_shows_what_was_acknowledged_is_right_whatever_else_it_shows() -> None:
    assert judge([read(6, "a", "b")], [written("a", 5.0), written("b", None)]).stale == 0


def test_what_was_never_acknowledged_may_be_missing() -> None:
    assert judge([read(6)], [written("a", None)]).stale == 0


def test_a_record_of_another_genre_may_be_missing() -> None:
    assert judge([read(6)], [written("a", 5.0, genre="Ska")]).stale == 0


def test_a_read_without_an_answer_is_counted_apart_and_never_as_stale() -> None:
    assert judge([failed(6)], [written("a", 5.0)]) == Verdict(failed=1)


def test_an_older_record_is_not_excused_by_a_newer_one() -> None:
    """Lists are compared by their records, not by their lengths or their last record."""
    assert judge([read(7, "b", "c")], [written("a", 5.0), written("b", 6.0)]).stale == 1


def test_the_order_in_which_201s_were_noted_does_not_matter() -> None:
    writes = [written("b", 6.0), written("a", 5.0)]
    assert judge([read(5.5, "a"), read(5.5, "b")], writes).stale == 1


def test_a_read_that_lacks_several_records_is_one_stale_read() -> None:
    assert judge([read(9)], [written("a", 5.0), written("b", 6.0)]).stale == 1


def test_the_longest_is_from_the_oldest_missing_records_201_to_the_last_read_without_it() -> None:
    writes = [written("a", 5.0), written("b", 8.0)]
    assert judge([read(6), read(7), read(9, "a")], writes).longest == 2.0


def test_verdicts_of_two_parts_of_a_history_add_up_to_that_of_the_whole() -> None:
    writes = [written("a", 5.0)]
    reads = [read(4), read(6), failed(7), read(8), read(9, "a")]
    for cut in range(len(reads)):
        assert judge(reads[:cut], writes) + judge(reads[cut:], writes) == judge(reads, writes)
