"""The clock, background tasks, and threads for long computations."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared.errors import AlreadyExists, ApiError
from shared.repository.engine import engine_of
from shared.repository.schema_upgrade import upgrade
from shared.runtime import NICENESS, SWITCH_SECONDS, Background, boottime, yielding_threads
from shared.services import Services
from shared.settings import Settings
from shared.tracks.genres import ALL
from shared.tracks.track import View

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
