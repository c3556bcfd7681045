"""Files that are written whole or not at all, and what becomes of those that cannot be read."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace the file when all of it is written: whatever kills this leaves the old one."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode)
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


def read_json(path: Path) -> object:
    """What the file says; None without one, and for one that is not JSON: that is set aside."""
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        set_aside(path, "it is not JSON")
        return None


def set_aside(path: Path, why: str, suffixes: Sequence[str] = ("",)) -> None:
    """Rename what cannot be read, with the files that `suffixes` name beside it, and say so."""
    kept = _free_name(path)
    for suffix in suffixes:
        beside = Path(f"{path}{suffix}")
        if beside.exists():
            beside.rename(f"{kept}{suffix}")
    print(f"{path} cannot be read ({why}): it is now {kept}", file=sys.stderr, flush=True)


def _free_name(path: Path) -> Path:
    """Earlier ones are not overwritten: they may be all that is left of somebody's data."""
    kept, number = Path(f"{path}.unreadable"), 1
    while kept.exists():
        number += 1
        kept = Path(f"{path}.unreadable{number}")
    return kept
