"""Fake programs, first on the PATH."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from local.hosted import REPOSITORY

BASH = shutil.which("bash")


class Programs:
    """Fake programs in a folder; `asked` are the calls that they recorded."""

    def __init__(self, folder: Path, **scripts: str) -> None:
        self._folder, self.file = folder, folder / "asked"
        for name, text in scripts.items():
            write_program(folder / name, text)

    def run(self, script: str, *arguments: str, **variables: str) -> int:
        path = f"{self._folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {"PATH": path, "ASKED": str(self.file), **variables}
        command: list[str | Path] = [REPOSITORY / "infra" / script, *arguments]
        return subprocess.run(command, env=environment, check=False, timeout=120).returncode

    @property
    def asked(self) -> list[str]:
        return self.file.read_text().splitlines()


def write_program(path: Path, text: str) -> None:
    path.write_text(f"#!{BASH}\n{text}\n")
    path.chmod(0o755)
