"""`make demo`: it counts what happened, runs without a terminal, and ends when it is told to."""

import os
import pty
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from benchmarks.demo import packages
from benchmarks.demo.ending import sentence
from benchmarks.demo.screen import can_redraw
from benchmarks.demo.side import Score
from benchmarks.staleness.judge import Verdict
from local.hosted import REPOSITORY
from local.process import Child
from tests.local.process_tree import all_end, family
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.required_service import required_service

SECONDS = "4"
RUN_SECONDS = 10 * LONG_SECONDS
NUMBER = r"([\d,]+)"


@pytest.fixture(scope="module")
def _installed() -> None:
    with required_service():
        packages.check_programs()
        packages.install()


installed = pytest.mark.usefixtures("_installed")


def environment(**changes: str) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm", **changes}


def demo(folder: Path, **changes: str) -> Child:
    command = [sys.executable, "-m", "benchmarks.demo", SECONDS]
    return Child(command, env=environment(**changes), cwd=folder)


def last(pattern: str, output: str) -> tuple[str, ...]:
    """Return the groups of the last match."""
    *_, match = re.finditer(pattern, output)
    return match.groups()


@pytest.mark.long
@installed
def test_without_a_terminal_it_prints_lines_and_its_last_sentences_say_what_it_counted(
    tmp_path: Path,
) -> None:
    with demo(tmp_path) as run:
        assert run.wait(RUN_SECONDS) == 0, run.output()
        output = run.output()
    assert "\x1b" not in output
    assert "Redis stopped" in output
    assert "an instance killed" in output
    for side in ("naive", "Smart Cache"):
        reads, stale = last(rf"{side}: {NUMBER} reads, .* {NUMBER} stale", output)
        (said,) = last(rf"{side}: (.*)", output)
        assert int(reads.replace(",", "")) > 0
        if stale != "0":
            assert said.startswith(f"{stale} of {reads} reads lacked")
        else:
            assert said.startswith((f"none of {reads} reads", "1 committed record"))
    assert said.startswith("none of ")
    ET.parse(tmp_path / ".local" / "demo.svg")  # noqa: S314 - our own


@pytest.mark.long
@installed
def test_ctrl_c_in_a_terminal_ends_it_and_leaves_nothing_running(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    code = "import sys; from benchmarks.demo.__main__ import main; sys.exit(main(['600']))"
    pid = os.fork()
    if pid == 0:  # pragma: no cover - becomes the demo
        os.login_tty(theirs)
        os.chdir(tmp_path)
        changes = {"COLUMNS": "100", "LINES": "40"}
        os.execve(sys.executable, [sys.executable, "-c", code], environment(**changes))  # noqa: S606
    os.close(theirs)
    shown = read_until(ours, b"stale reads")
    assert "Smart Cache" in shown
    _, *started = family(pid)
    os.kill(pid, signal.SIGINT)
    rest = read_until(ours, b"Stopped.")
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, rest
    assert len(started) >= 6
    assert all_end(started)
    assert list((tmp_path / ".local").iterdir()) == []


def read_until(terminal: int, text: bytes) -> str:
    shown = b""
    while text not in shown:
        shown += os.read(terminal, 2**16)
    return shown.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("programs", "missing"), [([], "redis-server is not installed"), (["redis-server"], "Node")]
)
def test_what_is_missing_is_said_in_one_line(
    tmp_path: Path, programs: list[str], missing: str
) -> None:
    for name in programs:
        (tmp_path / name).symlink_to("/bin/true")
    with demo(tmp_path, PATH=str(tmp_path)) as run:
        assert run.wait(LONG_SECONDS) == 1
        (line,) = run.output().splitlines()
    assert line.startswith("The demo cannot run: ")
    assert missing in line
    assert "install" in line


def test_a_side_that_was_never_wrong_is_told_from_one_that_was() -> None:
    right = Score(Verdict(reads=1200), 1.0, 1.0, 9)
    wrong = Score(Verdict(reads=1200, stale=7, longest=0.5), 1.0, 1.0, 9)
    assert sentence("A", right, 0).startswith("A: none of 1,200 reads")
    assert sentence("A", wrong, 0).startswith("A: 7 of 1,200 reads")
    assert "0.50 s" in sentence("A", wrong, 0)
    assert "2 committed records are" in sentence("A", right, 2)
    assert "none" not in sentence("A", right, 2)


def test_only_a_terminal_that_can_be_redrawn_gets_columns() -> None:
    assert can_redraw(Console(force_terminal=True, _environ={"TERM": "xterm"}))
    assert not can_redraw(Console(force_terminal=True, _environ={"TERM": "dumb"}))
    assert not can_redraw(Console(force_terminal=False, _environ={"TERM": "xterm"}))
