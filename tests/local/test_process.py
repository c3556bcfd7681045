"""A child process ends with its parent, even if that is killed."""

import os
import signal
import sys
from pathlib import Path

import pytest

from local.process import PORTS, Child, StartError, answers, bound_socket, free_port
from tests.local.process_tree import all_end, family
from tests.services.long_timeouts import LONG_SECONDS

UP = "print('up', flush=True);"
SLEEP = "import time; time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = (
        "import pathlib, sys, time; from local.process import Child\n"
        f"child = Child([sys.executable, '-c', {UP + SLEEP!r}])\n"
        "child.wait_until(lambda: 'up' in child.output(), 60)\n"
        f"pathlib.Path({str(file)!r}).write_text(str(child.pid)); time.sleep(600)"
    )
    with Child(_python(code), env={**os.environ, "PYTHONPATH": str(Path.cwd())}) as parent:
        parent.wait_until(lambda: file.is_file() and bool(file.read_text()), LONG_SECONDS)
        parent.signal(signal.SIGKILL)
    assert all_end(family(int(file.read_text())))


def test_a_child_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.process.STOP_SECONDS", 0.2)
    with Child(_python(DEAF + UP + SLEEP)) as child:
        child.wait_until(lambda: "up" in child.output(), LONG_SECONDS)
    assert child.status == -signal.SIGKILL


def test_a_grandchild_that_ignores_sigterm_ends_with_the_child(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    tell = f"import os, pathlib; pathlib.Path({str(file)!r}).write_text(str(os.getpid()));"
    deaf = f"subprocess.Popen([sys.executable, '-c', {DEAF + tell + SLEEP!r}]);"
    code = f"import subprocess, sys; {deaf} {SLEEP}"
    with Child(_python(code)) as child:
        child.wait_until(lambda: file.is_file() and bool(file.read_text()), LONG_SECONDS)
    assert all_end(family(int(file.read_text())))


def test_a_child_that_ends_early_is_reported_with_its_output() -> None:
    child = Child(_python("import sys; print('no disk'); sys.exit(3)"))
    with pytest.raises(StartError, match=r"(?s)ended with 3.*no disk"):
        child.wait_until(lambda: False, LONG_SECONDS)


def test_a_child_that_is_never_ready_is_stopped() -> None:
    with Child(_python(SLEEP)) as child:
        with pytest.raises(StartError, match=r"not ready in 0\.1 s"):
            child.wait_until(lambda: False, 0.1)
        assert child.status is not None


def test_a_program_that_is_not_there_is_named() -> None:
    with Child(["no-such-program"]) as child:
        assert child.wait(LONG_SECONDS) == 1
        assert "no-such-program: No such file or directory" in child.output()


def test_a_wanted_port_is_given_unless_it_is_taken() -> None:
    port = free_port()
    assert port in PORTS
    assert free_port(port) == port
    with Child(
        _python(f"import http.server as s; s.test(port={port}, bind='127.0.0.1')")
    ) as server:
        server.wait_until(lambda: answers(port), LONG_SECONDS)
        assert free_port(port) != port


@pytest.mark.parametrize("listening", [True, False])
def test_a_port_belongs_to_its_socket_from_the_moment_it_is_chosen(*, listening: bool) -> None:
    wanted = free_port()
    with bound_socket(wanted, listening=listening) as first:
        assert first.getsockname()[1] == wanted
        for other in (True, False):
            with bound_socket(wanted, listening=other) as second:
                assert second.getsockname()[1] != wanted
        assert answers(wanted) is listening


def test_a_child_inherits_the_socket_that_it_is_given_and_no_other_child_does() -> None:
    code = "import os, sys; os.fstat(int(sys.argv[1])); print('has it')"
    with bound_socket() as listener:
        command = [sys.executable, "-c", code, str(listener.fileno())]
        with Child(command, keep=[listener.fileno()]) as child, Child(command) as other:
            assert child.wait(60) == 0
            assert other.wait(60) == 1
            assert "Bad file descriptor" in other.output()
