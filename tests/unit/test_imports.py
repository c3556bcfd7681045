"""Libraries that are imported late are imported by one thread at a time."""

import os
import subprocess
import sys
from pathlib import Path

from local.hosted import REPOSITORY
from tests.unit.first_uses import LIBRARIES

NOBODY = "127.0.0.1:1"


def test_first_requests_at_once_import_nothing_side_by_side(tmp_path: Path) -> None:
    """The interpreter may end one of two such imports with a _DeadlockError: an answer of 500."""
    settings = {
        "REDIS_URL": f"redis://{NOBODY}",
        "SQLITE_PATH": str(tmp_path / "none.sqlite"),
        "FIREBASE_AUTH_EMULATOR_HOST": NOBODY,
        "FIREBASE_PROJECT_ID": "demo",
    }
    told = subprocess.run(
        [sys.executable, "-m", "tests.unit.first_uses"],
        cwd=REPOSITORY,
        env={**os.environ, **settings},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    loaded, overlaps = told.stdout.splitlines()
    assert loaded.split() == list(LIBRARIES)
    assert not overlaps, told.stderr
