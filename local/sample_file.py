"""The sample data that `make run` loads if there is no other: written once, and again if damaged.

`python -m local.sample_file` writes it, unless the settings name other data. It needs no package:
the Makefile runs it while the packages are being installed.
"""

import json
import os
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

from local import files
from local.process import Child, StartError

REAL = Path("data/SpotifyFeatures.csv")
SAMPLE = Path(".local/SpotifyFeatures-sample.csv")
STAMP = Path(".local/SpotifyFeatures-sample.json")


def is_whole() -> bool:
    """Whether the sample is there and unchanged since it was generated; else set it aside."""
    stamped = files.read_json(STAMP)
    if not SAMPLE.is_file() or stamped is None:
        return False
    if stamped == _stamp():
        return True
    files.set_aside(SAMPLE, "it is not what was generated")
    return False


def generate() -> None:
    """Write the sample. Raises StartError."""
    for unfinished in SAMPLE.parent.glob(
        f".{SAMPLE.name}.*"
    ):  # left by a generator that was killed
        unfinished.unlink()
    command = [sys.executable, "-m", "local.sample_data", str(SAMPLE)]
    with Child(command) as generator:
        if generator.wait():
            raise StartError(f"no sample data:\n{generator.output()}")
    files.write(STAMP, json.dumps(_stamp()))


def _stamp() -> dict[str, int]:
    content = SAMPLE.read_bytes()
    return {"size": len(content), "crc32": zlib.crc32(content)}


def _is_wanted(environ: Mapping[str, str]) -> bool:
    others = (environ.get(name, "").strip() for name in ("DATA", "SQL_CONNECTION_STRING"))
    return not (any(others) or REAL.is_file() or is_whole())


if __name__ == "__main__":
    if _is_wanted(os.environ):
        generate()
