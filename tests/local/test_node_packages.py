"""The emulators' packages are installed completely, or again."""

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console

from local.auth_emulator import AuthEmulator
from local.node_packages import NodePackages
from local.process import Child
from local.programs import MissingProgramError
from local.services import Service

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


@pytest.mark.parametrize(("ends", "again"), [("exit 1", "again"), ("kill -9 $$", "")])
def test_an_emulator_that_cannot_start_is_installed_again_by_the_next_run(
    directory: Path, monkeypatch: pytest.MonkeyPatch, ends: str, again: str
) -> None:
    _install(directory)
    monkeypatch.setattr("local.auth_emulator.NodePackages", lambda: NodePackages(directory))
    monkeypatch.setattr(
        "local.auth_emulator.start_auth_emulator",
        lambda *_, port: Service("", port, Child(["sh", "-c", ends]), lambda: False),
    )
    with ExitStack() as running:
        emulator = AuthEmulator(running)
        emulator.settings(Console())
        with pytest.raises(MissingProgramError, match="did not start") as fault:
            emulator.wait(Console())
    assert ("installs it again" in str(fault.value)) is bool(again)
    assert NodePackages(directory).installed is not bool(again)
