"""Missing programs are installed if that is allowed, or else reported in one line each."""

import os
import sys
from pathlib import Path

import pytest

from local.programs import BUILDAH, REDIS, UNIX_ODBC, MissingProgramError, Program, library, main

APT_GET = """\
#!/bin/sh
echo "$@" >>"{log}"
case "$*" in *"{fails}"*) echo "Reading lists" >&2; echo "E: no such thing" >&2; exit 100;; esac
case "$*" in *install*redis-server*) cp /bin/true "{bin}/redis-server";; esac
"""


class Machine:
    """A PATH with only a fake apt-get, which installs redis-server."""

    def __init__(self, folder: Path) -> None:
        self.bin, self._log = folder / "bin", folder / "log"
        self.bin.mkdir()
        self.fails("nothing of this")

    def fails(self, at: str) -> None:
        """Make apt-get fail for calls that contain these words."""
        text = APT_GET.format(log=self._log, bin=self.bin, fails=at)
        (self.bin / "apt-get").write_text(text)
        (self.bin / "apt-get").chmod(0o755)

    @property
    def asked(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.is_file() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setenv("PATH", f"{machine.bin}:/usr/bin:/bin")
    monkeypatch.setattr(
        "local.programs.shutil.which",
        lambda name, **_: str(machine.bin / name) if (machine.bin / name).is_file() else None,
    )
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("CI", raising=False)
    return machine


def test_root_gets_what_is_missing_with_one_call_of_apt_get(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["redis"]) == 0
    update, install = machine.asked
    assert "update" in update
    assert install.endswith("install --yes --no-install-recommends redis-server")
    assert "Left out" not in capsys.readouterr().out
    assert REDIS.path() == str(machine.bin / "redis-server")


def test_what_is_there_is_not_installed_again(machine: Machine) -> None:
    assert main(["redis"]) == 0
    before = machine.asked
    assert main(["redis"]) == 0
    assert machine.asked == before


def test_without_root_one_line_says_what_does_not_work_and_what_installs_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert main(["redis", "chromium"]) == 0
    assert machine.asked == []
    redis, chromium = capsys.readouterr().out.splitlines()
    assert "the shared cache" in redis
    assert "(sudo apt-get install redis-server)" in redis
    assert "(sudo apt-get install chromium)" in chromium


def test_an_apt_get_that_fails_is_quoted_and_the_rest_goes_on(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.fails("install")
    assert main(["redis"]) == 0
    said = capsys.readouterr().out
    assert "apt-get install failed: E: no such thing" in said
    assert "(apt-get install redis-server)" in said


def test_an_update_that_fails_does_not_keep_it_from_installing(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.fails("update")
    assert main(["redis"]) == 0
    assert "apt-get update failed" in capsys.readouterr().out
    assert REDIS.missing == ""


def test_in_ci_nothing_may_be_left_out(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.fails("install")
    monkeypatch.setenv("CI", "true")
    assert main(["redis"]) == 1


@pytest.mark.usefixtures("machine")
def test_on_a_mac_homebrew_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert REDIS.install == "brew install redis"
    assert UNIX_ODBC.install == "brew install unixodbc"
    assert "none for macOS" in BUILDAH.install


@pytest.mark.usefixtures("machine")
def test_what_is_missing_cannot_be_used() -> None:
    with pytest.raises(MissingProgramError, match="redis-server is not installed"):
        REDIS.path()


def test_a_library_that_does_not_load_is_missing() -> None:
    absent = Program("x", "x", "x", library("libnothing.so.9"))
    assert "not installed" in absent.missing


@pytest.mark.skipif(sys.platform != "linux", reason="only there are images built")
def test_what_mounts_needs_the_right_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    mounting = Program("x", "x", "x", lambda: os.devnull, mounts=True)
    assert mounting.missing == "x needs root, and in a container --privileged"
