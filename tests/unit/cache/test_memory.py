"""The memory copy: bounded in bytes, the least recently used goes first."""

from dataclasses import dataclass

from hypothesis import strategies as st

from shared.cache.memory import Entry, ListKey, MemoryCopies
from shared.repository.versions import Version
from shared.telemetry import Count, CountedEvents
from shared.tracks.track import View
from tests.examples import given
from tests.unit.cache.rows import built, plain

BODY = built(plain(100))
SIZE = BODY.size


@dataclass
class Time:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def entry(number: int = 1, *, epoch: str = "here", expires_at: float = 10.0) -> Entry:
    return Entry(Version(epoch, number), BODY, expires_at - 10, expires_at)


def key(scope: object, view: View = View.CORE) -> ListKey:
    return f"{scope}", view


def holding(copies: int, time: Time | None = None) -> MemoryCopies:
    return MemoryCopies(copies * SIZE, time or Time(), CountedEvents())


def keys(memory: MemoryCopies) -> set[str]:
    return {name for (name, _), _ in memory}


def test_a_kept_copy_is_the_same_object_for_every_caller() -> None:
    memory, kept = holding(1), entry()
    memory.put(key("Pop"), kept)
    assert memory.get(key("Pop")) is kept


def test_the_least_recently_used_copy_goes_first() -> None:
    events = CountedEvents()
    memory = MemoryCopies(3 * SIZE, Time(), events)
    for name in "abc":
        memory.put(key(name), entry())
    memory.get(key("a"))
    memory.put(key("d"), entry())
    assert keys(memory) == {"a", "c", "d"}
    assert events.counts[Count.MEMORY_EVICTED] == 1


def test_a_new_copy_takes_the_place_of_the_last() -> None:
    memory = holding(2)
    memory.put(key("Pop"), entry(1))
    memory.put(key("Pop"), entry(2))
    assert (len(memory), memory.bytes) == (1, SIZE)


def test_a_copy_is_not_served_from_the_end_of_its_life_on() -> None:
    time = Time()
    memory = holding(1, time)
    memory.put(key("Pop"), entry(expires_at=10))
    time.now = 9.999
    assert memory.get(key("Pop")) is not None
    time.now = 10.0
    assert memory.get(key("Pop")) is None


def test_an_expired_copy_is_still_there_for_a_stale_answer() -> None:
    memory, kept = holding(1, Time(99)), entry(expires_at=10)
    memory.put(key("Pop"), kept)
    assert memory.last(key("Pop")) is kept


def test_a_copy_larger_than_the_limit_is_not_kept_and_drives_nobody_out() -> None:
    memory = MemoryCopies(SIZE + 1, Time(), CountedEvents())
    memory.put(key("a"), entry())
    large = Entry(Version("here", 1), built(plain(1000)), 0, 10)
    memory.put(key("b"), large)
    assert keys(memory) == {"a"}


def test_a_copy_that_grew_too_large_leaves_no_older_one_behind() -> None:
    memory = MemoryCopies(SIZE, Time(), CountedEvents())
    memory.put(key("a"), entry())
    memory.put(key("a"), Entry(Version("here", 2), built(plain(1000)), 0, 10))
    assert (keys(memory), memory.bytes) == (set(), 0)


def test_without_memory_nothing_is_kept() -> None:
    memory = MemoryCopies(0, Time(), CountedEvents())
    memory.put(key("a"), entry())
    assert memory.get(key("a")) is None


def test_inflated_bytes_count_and_are_kept_once() -> None:
    memory, kept = MemoryCopies(10**9, Time(), CountedEvents()), entry()
    memory.put(key("a"), kept)
    for _ in range(2):
        memory.inflate(key("a"), kept, BODY.identity())
    assert memory.bytes == SIZE + BODY.length
    assert kept.inflated == BODY.identity()
    memory.drop("a", lambda _: True)
    assert memory.bytes == 0


def test_inflated_bytes_drive_out_what_was_used_longer_ago() -> None:
    memory, kept = MemoryCopies(3 * SIZE, Time(), CountedEvents()), entry()
    memory.put(key("old"), entry())
    memory.put(key("new"), kept)
    memory.inflate(key("new"), kept, b"x" * (SIZE + 1))
    assert keys(memory) == {"new"}


def test_bytes_too_large_to_keep_are_not_kept_and_drive_nobody_out() -> None:
    memory, kept = MemoryCopies(3 * SIZE, Time(), CountedEvents()), entry()
    memory.put(key("old"), entry())
    memory.put(key("new"), kept)
    memory.inflate(key("new"), kept, b"x" * (2 * SIZE + 1))
    assert keys(memory) == {"old", "new"}
    assert kept.inflated is None


def test_bytes_of_a_copy_that_was_replaced_are_not_kept() -> None:
    memory, first = MemoryCopies(10**9, Time(), CountedEvents()), entry(1)
    memory.put(key("a"), first)
    memory.put(key("a"), entry(2))
    memory.inflate(key("a"), first, b"old")
    assert first.inflated is None
    assert memory.bytes == SIZE


def test_lost_versions_are_dropped_in_every_view() -> None:
    memory = holding(9)
    for view in View:
        memory.put(key("Pop", view), entry(7))
        memory.put(key("Rap", view), entry(7))
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
        kept = memory.last(key(name))
        if step == "put":
            memory.put(key(name), entry())
        elif step == "inflate" and kept is not None:
            memory.inflate(key(name), kept, b"x" * (SIZE // 2))
        elif step == "drop":
            memory.drop(name, lambda _: True)
        memory.get(key(name))
        assert memory.bytes == sum(entry.size for _, entry in memory) <= copies * SIZE
