"""Writes files whole or not at all, and sets files aside that cannot be read."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace the file once the new one is complete; a crash leaves the old one."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode)
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


def read_json(path: Path) -> object:
    """Return the file's content, or None if there is none. Sets aside a file that is not JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        set_aside(path, "it is not JSON")
        return None


def set_aside(path: Path, why: str, suffixes: Sequence[str] = ("",)) -> None:
    """Rename the files `path` + suffix, which cannot be read, and print their new name."""
    kept = _free_name(path)
    for suffix in suffixes:
        file = Path(f"{path}{suffix}")
        if file.exists():
            file.rename(f"{kept}{suffix}")
    print(f"{path} cannot be read ({why}): it is now {kept}", file=sys.stderr, flush=True)


def _free_name(path: Path) -> Path:
    """Return a name that is not taken: an earlier file may be all that is left of a user's data."""
    kept, number = Path(f"{path}.unreadable"), 1
    while kept.exists():
        number += 1
        kept = Path(f"{path}.unreadable{number}")
    return kept
