"""What shellcheck says about scripts, a line each."""

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from checks.programs import SHELLCHECK
from checks.shell import scripts
from checks.shell.scripts import Script

_STAND_INS: Final = "tests"
"""The scripts there stand in for programs."""

_UNASSIGNED: Final = (
    *("--external-sources", "--source-path=SCRIPTDIR"),
    *("--include=SC2154", "--enable=check-unassigned-uppercase"),
)
_PART: Final = re.compile(r"^part\d+/", re.MULTILINE)


def findings(root: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with the scripts among these files, and inside them.

    actionlint asks shellcheck about the parts of workflows, but not about their variables.
    """
    own = [name for name in names if not name.startswith(f"{_STAND_INS}/")]
    whole = list(scripts.files(root, own))
    workflows = list(scripts.inside(root, own, ".github/*/*.yml", scripts.workflow))
    commands = [
        *scripts.inside(root, own, ".devcontainer/*.json", scripts.container),
        *scripts.inside(root, own, "compose*.yaml", scripts.compose),
    ]
    yield from _shellcheck(root, [script.file for script in whole])
    yield from _copied(whole, workflows, *_UNASSIGNED)
    yield from _copied([], commands)


def _copied(whole: Sequence[Script], parts: Sequence[Script], *options: str) -> Iterator[str]:
    """Check copies that say at their end which variables come from outside.

    A part of a file stands in the line of its copy where it stands in the file.
    """
    with TemporaryDirectory() as folder:
        for script in whole:
            _write(Path(folder) / script.file, script.text, script.variables)
        for number, part in enumerate(parts):
            above = f"# shellcheck shell={part.shell}" + "\n" * (part.line - 1)
            path = Path(folder) / f"part{number}" / part.file
            _write(path, above + part.text, part.variables)
        copies = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        names = [path.relative_to(folder).as_posix() for path in copies]
        yield from _shellcheck(Path(folder), names, "--norc", *options)


def _write(path: Path, text: str, variables: frozenset[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    end = f"export {' '.join(sorted(variables))}\n" if variables else ""
    path.write_text(f"{text}\n{end}", "utf-8")


def _shellcheck(folder: Path, names: Sequence[str], *options: str) -> Sequence[str]:
    if not names:
        return []
    command = [SHELLCHECK.path(), "--format=gcc", *options, *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return _PART.sub("", done.stderr + done.stdout).splitlines()
