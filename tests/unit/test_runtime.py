"""Work beside the requests: what becomes of it when it fails."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from shared.errors import AlreadyExists, ApiError
from shared.runtime import Background
from shared.services import Services
from shared.settings import Settings


async def failing(error: Exception) -> None:
    raise error


def background() -> Background:
    return Services(Settings.load()).background


async def ended(work: Coroutine[Any, Any, None], background: Background) -> None:
    await asyncio.gather(background.start(work), return_exceptions=True)
    await background.drain()


async def test_a_fault_of_ours_that_nobody_waits_for_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await ended(failing(KeyError("x")), background())
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "in failing" in caplog.text


async def test_what_a_caller_is_told_is_not_logged_as_a_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer: ApiError = AlreadyExists("It is there.")
    await ended(failing(answer), background())
    assert not caplog.records


async def test_the_end_of_a_process_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    beside = background()
    task = beside.start(asyncio.sleep(60))
    task.cancel()
    await beside.drain()
    assert not caplog.records
