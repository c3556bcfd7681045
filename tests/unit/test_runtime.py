"""The clock, background tasks, and threads for long computations."""

import asyncio
import operator
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared import runtime
from shared.errors import AlreadyExists, ApiError
from shared.repository.engine import engine_of
from shared.repository.schema_upgrade import upgrade
from shared.runtime import (
    NICENESS,
    SWITCH_SECONDS,
    Background,
    boottime,
    pipelined,
    yielding_threads,
)
from shared.services import Services
from shared.settings import Settings
from shared.tracks.genres import ALL
from shared.tracks.track import View
from tests.services.long_timeouts import LONG_SECONDS

linux = pytest.mark.skipif(sys.platform != "linux", reason="has no such clock or niceness")


@linux
def test_the_clock_counts_suspension(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/protocol.md, rule 9. CLOCK_MONOTONIC stands still while the machine is suspended."""
    suspended = {time.CLOCK_MONOTONIC: 100.0, time.CLOCK_BOOTTIME: 3700.0}
    monkeypatch.setattr(time, "clock_gettime", suspended.__getitem__)
    monkeypatch.setattr(time, "monotonic", lambda: suspended[time.CLOCK_MONOTONIC])
    assert boottime() == 3700.0


def test_the_clock_moves_on() -> None:
    before = boottime()
    assert before <= boottime()


async def failing(error: Exception) -> None:
    raise error


def background() -> Background:
    return Services(Settings.load()).background


async def ended(work: Coroutine[Any, Any, None], background: Background) -> None:
    await asyncio.gather(background.start(work), return_exceptions=True)
    await background.drain()


async def test_an_unexpected_error_of_a_background_task_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await ended(failing(KeyError("x")), background())
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "in failing" in caplog.text


async def test_an_error_that_is_an_answer_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer: ApiError = AlreadyExists("It is there.")
    await ended(failing(answer), background())
    assert not caplog.records


async def test_a_cancelled_task_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    tasks = background()
    tasks.start(asyncio.sleep(60)).cancel()
    await tasks.drain()
    assert not caplog.records


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(sqlite_path=tmp_path / "catalog.sqlite")


@pytest.fixture
def switch_interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@linux
@pytest.mark.usefixtures("switch_interval")
def test_such_a_thread_comes_after_all_others() -> None:
    with closing(yielding_threads(1, "test")) as threads, ThreadPoolExecutor(1) as ordinary:
        given = threads.start(niceness).result()
        assert given == min(19, ordinary.submit(niceness).result() + NICENESS)


@pytest.mark.usefixtures("switch_interval")
def test_the_interpreter_is_handed_over_within_a_millisecond() -> None:
    with closing(yielding_threads(1, "test")):
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
        assert SWITCH_SECONDS <= 0.001


@linux
@pytest.mark.usefixtures("switch_interval")
async def test_a_list_is_built_by_such_a_thread(settings: Settings) -> None:
    engine = engine_of(settings, 1)
    upgrade(engine)
    engine.dispose()
    services = Services(settings)
    async with services.database.snapshot(ALL, View.CORE) as snapshot:
        builder = await snapshot.read(lambda _: niceness())
    await services.close()
    assert builder == min(19, niceness() + NICENESS)


class Latecomer:
    """In place of a thread: work begins when somebody waits for it, so that it is always late."""

    def submit(self, work: Callable[[int], object], item: int) -> object:
        return SimpleNamespace(result=partial(work, item))


def pipelines() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("pipeline")]


def test_a_pipeline_works_on_every_item_in_order() -> None:
    seen: list[int] = []
    pipelined(iter(range(100)), seen.append, 3)
    assert seen == list(range(100))
    pipelined(iter(()), seen.append, 3)
    assert len(seen) == 100


def test_a_pipeline_works_on_an_item_while_the_next_is_made() -> None:
    """Each waits for the other: in one thread, neither would ever go on."""
    made = [threading.Event() for _ in range(10)]
    worked = [threading.Event() for _ in range(10)]

    def items() -> Iterator[int]:
        for number in range(10):
            made[number].set()
            assert number < 3 or worked[number - 2].wait(LONG_SECONDS)
            yield number

    def work(number: int) -> None:
        assert number in {0, 9} or made[number + 1].wait(LONG_SECONDS)
        worked[number].set()

    pipelined(items(), work, 2)
    assert all(event.is_set() for event in worked)


def test_a_pipeline_makes_no_more_than_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "ThreadPoolExecutor", lambda *_: nullcontext(Latecomer()))
    made, worked = list[int](), list[int]()

    def items() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            # Those that wait, the one in work, and this one.
            assert len(made) - len(worked) <= 3 + 2
            yield number

    pipelined(items(), worked.append, 3)
    assert worked == list(range(50))


@pytest.mark.parametrize("number", [0, 1, 7, 49])
def test_an_error_in_either_thread_of_a_pipeline_ends_both(number: int) -> None:
    def items() -> Iterator[int]:
        for item in range(50):
            yield 1 // (number - item) if number == item else item

    with pytest.raises(ZeroDivisionError):
        pipelined(items(), str, 3)
    with pytest.raises(ZeroDivisionError):
        pipelined(iter(range(number, -1, -1)), lambda item: operator.floordiv(1, item), 3)
    assert not pipelines()


def test_one_item_needs_no_second_thread() -> None:
    threads: list[int] = []
    pipelined(iter([1]), lambda _: threads.append(threading.get_ident()), 3)
    assert threads == [threading.get_ident()]


@linux
@pytest.mark.usefixtures("switch_interval")
def test_the_second_thread_of_a_list_gives_way_too() -> None:
    seen: list[int] = []
    with closing(yielding_threads(1, "test")) as threads:
        threads.start(pipelined, iter([1, 2]), lambda _: seen.append(niceness()), 3).result()
    assert seen == [min(19, niceness() + NICENESS)] * 2
