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
if [ "$2" = local/tether.py ]; then shift 3; exec "$@"; fi
if [ "$3" = local.sample_file ]; then touch sample; exit; fi
if [ "$2" = pip ]; then echo pip >> log; while [ -e wait ]; do sleep 0.05; done; exit; fi
echo "$@" >> log
mkdir -p .venv/bin
echo '#!/bin/sh' > .venv/bin/uv
echo 'echo uv "$7" >> log' >> .venv/bin/uv
cp python .venv/bin/python
chmod +x .venv/bin/uv
"""

CREATED = "-m venv --clear --without-pip .venv"
OF_RUN = ["pip", "uv requirements-local.txt"]
OF_ALL = ["pip", "uv requirements-dev.txt"]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not on the PATH")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The Makefile, with fake programs for Python, pip and uv, which write to `log`."""
    for name in ("Makefile", "requirements-local.txt", "requirements-dev.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON, "utf-8")
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def _make(directory: Path, what: str = "ready") -> Child:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return Child(["make", f".venv/{what}", "PYTHON=./python"], env=plain, cwd=directory)


def _made(directory: Path, what: str = "ready") -> list[str]:
    """Run make to its end; return the programs that it ran."""
    (directory / "log").write_text("", "utf-8")
    with _make(directory, what) as make:
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


def _requirements_are_new(directory: Path) -> None:
    for path in (directory / ".venv").glob("r*"):
        os.utime(path, (0, 0))


@pytest.fixture(params=["runnable", "ready"])
def what(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _packages(what: str) -> list[str]:
    return OF_ALL if what == "ready" else OF_RUN


def test_one_that_was_half_made_is_made_again(directory: Path, what: str) -> None:
    _kill_in("pip", directory)
    assert _made(directory, what) == [CREATED, *_packages(what)]
    assert _made(directory, what) == []


def test_only_the_packages_are_new_when_the_requirements_are(directory: Path, what: str) -> None:
    _made(directory, what)
    _requirements_are_new(directory)
    assert _made(directory, what) == _packages(what)


def test_one_that_was_half_renewed_is_made_again(directory: Path, what: str) -> None:
    _made(directory)
    _requirements_are_new(directory)
    _kill_in("pip", directory)
    assert _made(directory, what) == [CREATED, *_packages(what)]


def test_what_runs_is_installed_alone_and_the_rest_when_it_is_needed(directory: Path) -> None:
    assert _made(directory, "runnable") == [CREATED, *OF_RUN]
    assert _made(directory, "ready") == OF_ALL
    assert _made(directory, "runnable") == []


def test_one_that_was_half_extended_is_made_again(directory: Path, what: str) -> None:
    _made(directory, "runnable")
    _kill_in("pip", directory)
    assert _made(directory, what) == [CREATED, *_packages(what)]


def test_one_of_a_makefile_that_knew_only_ready_is_kept(directory: Path) -> None:
    _made(directory)
    (directory / ".venv" / "runnable").unlink()
    assert _made(directory, "runnable") == OF_RUN


def test_a_python_without_pip_gets_one(directory: Path) -> None:
    (directory / "no-pip").touch()
    assert _made(directory) == [CREATED, "-m ensurepip", *OF_ALL]


def test_make_run_writes_the_sample_data_meanwhile_and_the_tests_need_none(directory: Path) -> None:
    _made(directory, "ready")
    assert not (directory / "sample").exists()
    shutil.rmtree(directory / ".venv")
    _made(directory, "runnable")
    assert (directory / "sample").exists()


@pytest.mark.parametrize("second", ["runnable", "ready"])
def test_a_second_make_waits_for_the_first_and_has_nothing_left_to_do(
    directory: Path, second: str
) -> None:
    (directory / "log").touch()
    (directory / "wait").touch()
    with _make(directory) as first:
        first.wait_until(lambda: "pip" in _log(directory), 60)
        with _make(directory, second) as other:
            other.wait_until(lambda: "Installing" in other.output(), 60)
            (directory / "wait").unlink()
            assert (first.wait(60), other.wait(60)) == (0, 0)
    assert _log(directory) == [CREATED, *OF_ALL]
