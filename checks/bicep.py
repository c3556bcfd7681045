"""Lint and formatting of Bicep's files, by its compiler: `python -m checks.bicep`.

The rules are those of bicepconfig.json. Every line that the compiler prints is a fault, a warning
too.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from checks.command import report
from checks.programs import BICEP

FILES: Final = "infra/**/*.bicep*"
CONFIG: Final = "bicepconfig.json"


def compiler(folder: Path, *arguments: str) -> Sequence[str]:
    """Run Bicep's compiler in the folder; return its lines, each once, with relative paths.

    It says of a module what it finds, once for each template that uses the module. Raises
    MissingProgramError if the compiler is not installed.
    """
    done = subprocess.run(
        [BICEP.path(), *arguments],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode and not done.stdout.strip():
        return [f"bicep {arguments[0]} ended with status {done.returncode}"]
    own = f"{folder.resolve()}/"
    return list(dict.fromkeys(line.replace(own, "") for line in done.stdout.splitlines() if line))


def unformatted(folder: Path) -> Iterator[str]:
    """Yield a line for each file that `bicep format` would change."""
    with TemporaryDirectory() as copy:
        files = [path for path in folder.glob(FILES) if path.is_file()]
        for path in [*files, *folder.glob(CONFIG)]:
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        yield from compiler(Path(copy), "format", "--pattern", FILES)
        for path in sorted(files):
            name = path.relative_to(folder)
            if path.read_bytes() != (copy / name).read_bytes():
                yield f"{name}: is not formatted (bicep format {name})"


def findings(folder: Path) -> Sequence[str]:
    """Return what is wrong with the files in this repository."""
    return [*compiler(folder, "lint", "--pattern", FILES), *unformatted(folder)]


if __name__ == "__main__":
    sys.exit(report(lambda: findings(Path())))
