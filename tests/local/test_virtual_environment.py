"""`make` creates the virtual environment completely, or again."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from local.process import Child

PYTHON = f"""\
#!/bin/sh
[ "$1 $2" = "-c import pip" ] && exec [ ! -e no-pip ]
[ "$1" = -c ] && exec {sys.executable} "$@"
if [ "$1" = -S ]; then shift 3; exec "$@" >> log; fi
if [ "$2" = local.sample_file ]; then touch sample; exit; fi
if [ "$2" = pip ]; then echo pip >> log; while [ -e wait ]; do sleep 0.05; done; exit; fi
echo "$@" >> log
mkdir -p .venv/bin
echo '#!/bin/sh' > .venv/bin/uv
echo 'echo uv "$7" >> log' >> .venv/bin/uv
cp python .venv/bin/python
chmod +x .venv/bin/uv
"""

NEW = "-m venv --clear --without-pip .venv"
ALL = [NEW, "pip", "uv requirements-dev.txt"]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not on the PATH")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The Makefile, with fake programs for Python, pip and uv, which write to `log`."""
    for name in ("Makefile", "requirements-dev.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON, "utf-8")
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def _make(directory: Path) -> Child:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return Child(["make", ".venv/ready", "PYTHON=./python"], env=plain, cwd=directory)


def _made(directory: Path) -> list[str]:
    """Run make to its end; return the programs that it ran."""
    (directory / "log").write_text("", "utf-8")
    with _make(directory) as make:
        assert make.wait(60) == 0, make.output()
    return _log(directory)


def _log(directory: Path) -> list[str]:
    return (directory / "log").read_text("utf-8").splitlines()


def _kill_in(program: str, directory: Path) -> None:
    """Start make; when the program runs, kill make and all that it started."""
    (directory / "log").write_text("", "utf-8")
    (directory / "wait").touch()
    with _make(directory) as make:
        make.wait_until(lambda: program in _log(directory), 60)
        make.signal(signal.SIGKILL)
        make.wait(60)
    (directory / "wait").unlink()


def test_one_that_was_half_made_is_made_again(directory: Path) -> None:
    _kill_in("pip", directory)
    assert _made(directory) == ALL
    assert _made(directory) == []


def test_only_the_packages_are_new_when_the_requirements_are(directory: Path) -> None:
    _made(directory)
    os.utime(directory / ".venv" / "ready", (0, 0))
    assert _made(directory) == ["pip", "uv"]


def test_one_that_was_half_renewed_is_made_again(directory: Path) -> None:
    _made(directory)
    os.utime(directory / ".venv" / "ready", (0, 0))
    _kill_in("pip", directory)
    assert _made(directory) == ALL


def test_a_second_make_waits_for_the_first_and_has_nothing_left_to_do(directory: Path) -> None:
    (directory / "log").touch()
    (directory / "wait").touch()
    with _make(directory) as first:
        first.wait_until(lambda: "pip" in _log(directory), 60)
        with _make(directory) as second:
            second.wait_until(lambda: "Installing" in second.output(), 60)
            (directory / "wait").unlink()
            assert (first.wait(60), second.wait(60)) == (0, 0)
    assert _log(directory) == ALL
