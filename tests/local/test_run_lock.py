"""One run in a directory at a time; the next one waits for the processes of the last."""

import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console

from local.process import Child, StartError
from local.run_lock import only_run
from shared.settings import sources

CONSOLE = Console()


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.run_lock.ENDING_SECONDS", 0.1)
    monkeypatch.setattr("local.run_lock.STOPPING_SECONDS", 0.1)


def test_another_one_is_refused(tmp_path: Path) -> None:
    with (
        ExitStack() as running,
        only_run(tmp_path, running, CONSOLE),
        pytest.raises(StartError, match="already runs in this directory"),
        only_run(tmp_path, running, CONSOLE),
    ):
        pass


def test_one_that_is_stopping_is_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stopping:
        with only_run(tmp_path, stopping, CONSOLE):
            pass
        with (
            ExitStack() as running,
            pytest.raises(StartError, match="does not end"),
            only_run(tmp_path, running, Console()),
        ):
            pass
    assert "Waiting for the previous run to end" in capsys.readouterr().out
    with ExitStack() as running, only_run(tmp_path, running, CONSOLE):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="found in /proc")
def test_what_a_killed_run_started_is_waited_for_and_killed_when_it_does_not_end(
    tmp_path: Path,
) -> None:
    with ExitStack() as killed, only_run(tmp_path, killed, CONSOLE):
        left = Child([sys.executable, "-c", "import time; time.sleep(600)"])
    with left, ExitStack() as running, only_run(tmp_path, running, CONSOLE):
        assert left.wait(60) == -signal.SIGKILL


def test_the_cli_sees_it_until_its_last_part_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_FILE", str(tmp_path / "run.json"))
    assert not sources._is_running()
    with ExitStack() as stopping:
        with only_run(tmp_path, stopping, CONSOLE):
            assert sources._is_running()
        assert sources._is_running()
    assert not sources._is_running()
