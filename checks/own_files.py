"""The repository's own files, without what a developer's machine adds to them."""

import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
IGNORED_BY_GIT = tuple((ROOT / ".gitignore").read_text("utf-8").split())


def is_ignored(path: Path, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern of a .gitignore or .funcignore is this file's or folder's name."""
    names = (path.name, f"{path.name}/")
    return any(fnmatch(name, pattern) for name in names for pattern in patterns)


@cache
def files() -> tuple[Path, ...]:
    """Every file that git has; in a copy without git, every file that it would not ignore."""
    try:
        listed = subprocess.run(
            # CI's checkout belongs to another user, which git otherwise refuses.
            ["git", "-c", "safe.directory=*", "ls-files", "-z"],  # noqa: S607 - on the PATH
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return tuple(_walk(ROOT))
    return tuple(path for name in listed.split("\0")[:-1] if (path := ROOT / name).is_file())


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name == ".git" or is_ignored(path, IGNORED_BY_GIT):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
