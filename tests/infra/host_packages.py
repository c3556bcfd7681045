"""Copies the local host into a folder, for an image that has no Functions host."""

import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import local

DISTRIBUTIONS: Final = ("azure-functions-runtime", "uvicorn", "uvloop", "httptools", "click", "h11")
"""The packages of the local host; those of the app must come from the image."""


def copy_into(folder: Path) -> None:
    """Copy the local host and its packages into `folder`, for PYTHONPATH."""
    for name in DISTRIBUTIONS:
        for file in distribution(name).files or []:
            if not file.parts[0].startswith("..") and file.suffix != ".pyc":
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(Path(str(file.locate())), target)
    here = Path(str(local.__file__)).parent
    shutil.copytree(here, folder / "local", ignore=shutil.ignore_patterns("node_modules", "__py*"))
