"""Threads that build lists leave the interpreter and the processor to the event loop."""

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from shared.repository.engine import engine_of
from shared.repository.schema_upgrade import upgrade
from shared.repository.versions import ALL
from shared.runtime import NICENESS, SWITCH_SECONDS, yielding_threads
from shared.services import Services
from shared.settings import Settings
from shared.tracks.track import View


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


linux = pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own")


@linux
@pytest.mark.usefixtures("switch_interval")
def test_such_a_thread_has_a_lower_priority() -> None:
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
