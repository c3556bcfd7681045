"""Memory copies: bounded in bytes, the least recently used is dropped first."""

from dataclasses import dataclass

from hypothesis import strategies as st

from shared.cache.bodies import ListBody
from shared.cache.cached_list import CachedList, ListKey
from shared.cache.memory import MemoryCopies, size_of
from shared.repository.versions import Version
from shared.telemetry import Count, CountedEvents
from shared.tracks.track import View
from tests.examples import given
from tests.unit.cache.rows import built, plain
from tests.unit.cache.virtual_time import virtual_runtime

BODY = built(plain(100))
SIZE = BODY.size


@dataclass
class Time:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def copy(
    number: int = 1, *, epoch: str = "here", expires_at: float = 10.0, body: ListBody = BODY
) -> CachedList:
    return CachedList(Version(epoch, number), body.digests, expires_at - 10, expires_at, body)


def key(scope: object, view: View = View.CORE) -> ListKey:
    return f"{scope}", view


def holding(copies: int, time: Time | None = None) -> MemoryCopies:
    return MemoryCopies(copies * SIZE, virtual_runtime(clock=time or Time()))


def keys(memory: MemoryCopies) -> set[str]:
    return {name for (name, _), _ in memory}


def test_a_kept_copy_is_the_same_object_for_every_caller() -> None:
    memory, kept = holding(1), copy()
    memory.put(key("Pop"), kept)
    assert memory.get(key("Pop")) is kept


def test_the_least_recently_used_copy_goes_first() -> None:
    events = CountedEvents()
    memory = MemoryCopies(3 * SIZE, virtual_runtime(events, clock=Time()))
    for name in "abc":
        memory.put(key(name), copy())
    memory.get(key("a"))
    memory.put(key("d"), copy())
    assert keys(memory) == {"a", "c", "d"}
    assert events.counts[Count.MEMORY_EVICTED] == 1


def test_a_new_copy_takes_the_place_of_the_last() -> None:
    memory = holding(2)
    memory.put(key("Pop"), copy(1))
    memory.put(key("Pop"), copy(2))
    assert (len(memory), memory.bytes) == (1, SIZE)


def test_a_copy_is_not_served_from_the_end_of_its_life_on() -> None:
    time = Time()
    memory = holding(1, time)
    memory.put(key("Pop"), copy(expires_at=10))
    time.now = 9.999
    assert memory.get(key("Pop")) is not None
    time.now = 10.0
    assert memory.get(key("Pop")) is None


def test_an_expired_copy_is_still_there_for_a_stale_answer() -> None:
    memory, kept = holding(1, Time(99)), copy(expires_at=10)
    memory.put(key("Pop"), kept)
    assert memory.even_if_expired(key("Pop")) is kept


def test_a_copy_larger_than_the_limit_is_not_kept_and_removes_no_other() -> None:
    memory = MemoryCopies(SIZE + 1, virtual_runtime(clock=Time()))
    memory.put(key("a"), copy())
    memory.put(key("b"), copy(body=built(plain(1000))))
    assert keys(memory) == {"a"}


def test_a_copy_that_grew_too_large_leaves_no_older_one_behind() -> None:
    memory = MemoryCopies(SIZE, virtual_runtime(clock=Time()))
    memory.put(key("a"), copy())
    memory.put(key("a"), copy(2, body=built(plain(1000))))
    assert (keys(memory), memory.bytes) == (set(), 0)


def test_without_memory_nothing_is_kept() -> None:
    memory = MemoryCopies(0, virtual_runtime(clock=Time()))
    memory.put(key("a"), copy())
    assert memory.get(key("a")) is None


def test_inflated_bytes_count_and_are_kept_once() -> None:
    memory, kept = MemoryCopies(10**9, virtual_runtime(clock=Time())), copy()
    memory.put(key("a"), kept)
    for _ in range(2):
        memory.keep_uncompressed(key("a"), kept, BODY.uncompressed())
    assert memory.bytes == SIZE + BODY.length
    assert kept.uncompressed == BODY.uncompressed()
    memory.drop("a", lambda _: True)
    assert memory.bytes == 0


def test_inflated_bytes_drive_out_what_was_used_longer_ago() -> None:
    memory, kept = MemoryCopies(3 * SIZE, virtual_runtime(clock=Time())), copy()
    memory.put(key("old"), copy())
    memory.put(key("new"), kept)
    memory.keep_uncompressed(key("new"), kept, b"x" * (SIZE + 1))
    assert keys(memory) == {"new"}


def test_bytes_too_large_to_keep_are_not_kept_and_remove_no_copy() -> None:
    memory, kept = MemoryCopies(3 * SIZE, virtual_runtime(clock=Time())), copy()
    memory.put(key("old"), copy())
    memory.put(key("new"), kept)
    memory.keep_uncompressed(key("new"), kept, b"x" * (2 * SIZE + 1))
    assert keys(memory) == {"old", "new"}
    assert kept.uncompressed is None


def test_bytes_of_a_copy_that_was_replaced_are_not_kept() -> None:
    memory, first = MemoryCopies(10**9, virtual_runtime(clock=Time())), copy(1)
    memory.put(key("a"), first)
    memory.put(key("a"), copy(2))
    memory.keep_uncompressed(key("a"), first, b"old")
    assert first.uncompressed is None
    assert memory.bytes == SIZE


def test_lost_versions_are_dropped_in_every_view() -> None:
    memory = holding(9)
    for view in View:
        memory.put(key("Pop", view), copy(7))
        memory.put(key("Rap", view), copy(7))
    memory.drop("Pop", lambda version: version.number > 5)
    assert keys(memory) == {"Rap"}


STEPS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["put", "get", "inflate", "drop"])),
    max_size=60,
)


@given(STEPS, st.integers(0, 5))
def test_the_bytes_are_what_is_kept_and_never_more_than_the_limit(
    steps: list[tuple[str, str]], copies: int
) -> None:
    memory = holding(copies)
    for name, step in steps:
        kept = memory.even_if_expired(key(name))
        if step == "put":
            memory.put(key(name), copy())
        elif step == "inflate" and kept is not None:
            memory.keep_uncompressed(key(name), kept, b"x" * (SIZE // 2))
        elif step == "drop":
            memory.drop(name, lambda _: True)
        memory.get(key(name))
        assert memory.bytes == sum(size_of(kept) for _, kept in memory) <= copies * SIZE
