"""The emulators' packages are installed completely, or again."""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from local.auth_emulator import NOT_INSTALLED, AuthEmulator
from local.node_packages import NodePackages
from local.process import Child, answers, free_port
from local.programs import MissingProgramError
from local.services import Service, auth_emulator_service

NPM = """\
#!/bin/sh
touch begun
while [ ! -e go ]; do sleep 0.05; done
"""

SECOND = """\
import pathlib, sys
from local.node_packages import NodePackages
print("asks", flush=True)
print(NodePackages(pathlib.Path(sys.argv[1])).begin())
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for packages; the PATH has a fake Node, and an npm that waits for the file `go`."""
    for name, script in (("node", "#!/bin/sh\necho v22.0.0\n"), ("npm", NPM)):
        (tmp_path / name).write_text(script, "utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "packages").mkdir()
    return tmp_path / "packages"


def _begun(directory: Path) -> tuple[NodePackages, Child]:
    packages = NodePackages(directory)
    npm = packages.begin()
    assert npm is not None
    npm.wait_until((directory / "begun").exists, 60)
    return packages, npm


def test_packages_are_installed_once_npm_has_ended(directory: Path) -> None:
    packages, npm = _begun(directory)
    assert not NodePackages(directory).installed
    (directory / "go").touch()
    packages.finish(npm)
    assert NodePackages(directory).installed


def test_an_npm_that_is_killed_leaves_nothing_installed(directory: Path) -> None:
    _install(directory)
    (directory / "installed").write_text("of another lock file", "utf-8")
    for name in ("go", "begun"):
        (directory / name).unlink()
    packages, npm = _begun(directory)
    npm.signal(signal.SIGKILL)
    with pytest.raises(MissingProgramError, match="npm could not install"):
        packages.finish(npm)
    assert not (directory / "installed").exists()


@pytest.mark.parametrize("content", [b"", b"cut", b"\xff\x00"])
def test_a_damaged_stamp_is_no_stamp(directory: Path, content: bytes) -> None:
    (directory / "installed").write_bytes(content)
    assert not NodePackages(directory).installed


def _install(directory: Path) -> None:
    (directory / "go").touch()
    packages, npm = _begun(directory)
    packages.finish(npm)


def test_a_second_install_waits_for_the_first_and_has_nothing_left_to_do(directory: Path) -> None:
    packages, first = _begun(directory)
    with Child([sys.executable, "-c", SECOND, directory]) as second:
        second.wait_until(lambda: "asks" in second.output(), 60)
        (directory / "go").touch()
        packages.finish(first)
        assert second.wait(60) == 0
        assert second.output() == "asks\nNone\n"


@pytest.fixture
def auth_emulator(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`directory`, in which an AuthEmulator looks for its packages."""
    monkeypatch.setattr("local.auth_emulator.NodePackages", lambda: NodePackages(directory))
    return directory


@pytest.mark.parametrize(("ends", "again"), [("exit 1", "again"), ("kill -9 $$", "")])
def test_an_emulator_that_cannot_start_is_installed_again_by_the_next_run(
    auth_emulator: Path, monkeypatch: pytest.MonkeyPatch, ends: str, again: str
) -> None:
    _install(auth_emulator)
    monkeypatch.setattr(
        "local.auth_emulator.start_auth_emulator",
        lambda *_: Service("", 0, Child(["sh", "-c", ends]), lambda: False),
    )
    with ExitStack() as running:
        reason = AuthEmulator(running).wait()
    assert "did not start" in reason
    assert ("installs it again" in reason) is bool(again)
    assert NodePackages(auth_emulator).installed is not bool(again)


def _begin(monkeypatch: pytest.MonkeyPatch, code: str) -> AuthEmulator:
    """An emulator whose installation is this program; its first argument is the socket."""

    def start(command: Sequence[str], listener: socket.socket) -> Service:
        return auth_emulator_service([sys.executable, "-c", code, command[-1]], listener)

    monkeypatch.setattr("local.auth_emulator.auth_emulator_service", start)
    running = ExitStack()
    emulator = AuthEmulator(running)
    running.pop_all()
    return emulator


ACCEPTS = """
import socket, sys
input_socket = socket.socket(fileno=int(sys.argv[1]))
input_socket.listen()
print("ready", flush=True)
input_socket.accept()[0].sendall(b"hello")
"""


@pytest.mark.usefixtures("auth_emulator")
def test_an_emulator_that_is_being_installed_has_its_port_refuses_callers_and_then_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ends = str(tmp_path / "ends")
    waits = f"import os, time\nwhile not os.path.exists({ends!r}): time.sleep(.05)"
    emulator = _begin(monkeypatch, waits + ACCEPTS)
    with emulator.process:
        host, _, port = emulator.settings["FIREBASE_AUTH_EMULATOR_HOST"].partition(":")
        assert not emulator.was_installed
        assert not emulator.has_started
        assert not answers(int(port))
        assert free_port(int(port)) != int(port)
        Path(ends).touch()
        assert emulator.wait() == ""
        with socket.create_connection((host, int(port))) as caller:
            assert caller.recv(5) == b"hello"


@pytest.mark.usefixtures("auth_emulator")
def test_an_emulator_that_cannot_be_installed_says_what_npm_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    emulator = _begin(monkeypatch, f"print('npm: no network'); exit({NOT_INSTALLED})")
    assert emulator.wait() == "npm: no network"
    assert emulator.has_started
