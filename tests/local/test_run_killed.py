"""`make run` starts again after it was killed at any moment."""

import contextlib
import random
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import psutil
import pytest

from local.hosted import REPOSITORY
from local.process import Child
from tests.local.checkout import CSV, READY, USER, Checkout, needs_node
from tests.local.process_tree import all_end, family

KILLS = 12
MOMENTS = 12
"""The visible steps of a first start: programs, files, lines of output."""

RECORDS = 3000
POLL_SECONDS = 0.05

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux signals the death of a parent"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout with more records, and a Makefile with this virtual environment."""
    checkout = Checkout(tmp_path)
    for name in ("Makefile", "requirements-local.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', "utf-8")
    python.chmod(0o755)
    (tmp_path / ".venv" / "runnable").touch()
    checkout.command = [shutil.which("make") or "make", "run"]
    header, line = CSV.splitlines()
    first = line.split(",")[3]
    lines = [line.replace(first, f"{number:022}") for number in range(RECORDS)]
    (tmp_path / "data.csv").write_text("\n".join([header, *lines, ""]), "utf-8")
    return checkout


def _moments(run: Child, directory: Path) -> Iterator[None]:
    """Yield at each visible step of a start, until the run has ended or is ready."""
    before = None
    while run.status is None and READY not in run.output():
        programs = [process.pid for process in family(run.pid)]
        files = sorted(path.name for path in directory.iterdir())
        now = (programs, files, run.output().count("\n"))
        if now != before:
            before = now
            yield
        time.sleep(POLL_SECONDS)


def _kill_at_a_moment(run: Child, directory: Path, chance: random.Random) -> None:
    """Kill `make`, or one of its programs and later, when nothing changes any more, `make`."""
    moments = _moments(run, directory)
    next(islice(moments, chance.randrange(MOMENTS), None), None)
    time.sleep(chance.random() / 4)  # somewhere before the next one
    for process in chance.sample(family(run.pid), k=1):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        if process.pid != run.pid:
            list(moments)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(run.pid).kill()
    run.wait(60)


def _path(directory: Path, chance: random.Random) -> Mapping[str, str]:
    """Return a PATH, mostly without Node, which takes most of the time."""
    if chance.randrange(6) == 0:
        return {}
    directory.mkdir(exist_ok=True)
    if (redis := shutil.which("redis-server")) and not (directory / "redis-server").exists():
        (directory / "redis-server").symlink_to(redis)
    return {"PATH": str(directory)}


@linux
def test_killed_a_dozen_times_at_any_moment_it_starts_again_and_lost_nothing(
    checkout: Checkout, tmp_path: Path
) -> None:
    seed = secrets.randbelow(10**6)
    sys.stdout.write(f"seed {seed}\n")
    chance, local = random.Random(seed), tmp_path / ".local"  # noqa: S311 - a plan, no secret
    with ExitStack() as running:
        runs = []
        for _ in range(KILLS):
            if chance.randrange(3) == 0:
                (local / "loaded.json").unlink(missing_ok=True)
            run = running.enter_context(checkout.run(**_path(tmp_path / "bin", chance)))
            _kill_at_a_moment(run, local, chance)
            runs.append(run)
        runs.append(running.enter_context(checkout.ready(**_path(tmp_path / "bin", chance))))
        assert len(checkout.get("/features").json()) == RECORDS
        # A run is ready only when the processes of the earlier ones have ended.
        said = "\n".join(run.output() for run in runs)
    for fault in ("Traceback", "cannot be read", "is in use", "already runs"):
        assert fault not in said


@linux
@needs_node
def test_the_api_outlives_its_emulator_the_users_outlive_both_and_no_program_does(
    checkout: Checkout, tmp_path: Path
) -> None:
    users = tmp_path / ".local" / "users.json"
    with checkout.ready() as run:
        checkout.sign_up()
        run.wait_until(lambda: users.is_file() and USER["email"] in users.read_text("utf-8"), 60)
        assert users.stat().st_mode & 0o777 == 0o600
        emulator = next(p for p in family(run.pid) if "auth_emulator.js" in " ".join(p.cmdline()))
        emulator.kill()
        said = "The Firebase Auth emulator has ended with -9: /signup and /login answer 503"
        run.wait_until(lambda: said in run.output(), 60)
        assert checkout.post("/signup").status_code == 503
        assert checkout.get("/features").status_code == 200
        _, python, *rest = family(run.pid)
        python.kill()
        assert all_end(rest)
    with checkout.ready():
        assert checkout.post("/login").status_code == 200
