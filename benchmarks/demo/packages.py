"""Installs what the demo needs and pip or npm can bring; another demo may be doing the same."""

import fcntl
import subprocess

from benchmarks.servers import install_rivals
from local.hosted import REPOSITORY
from local.node_packages import NodePackages, check_node
from local.programs import REDIS, MissingProgramError


def check_programs() -> None:
    """Raises MissingProgramError, with the command that installs it."""
    REDIS.path()
    check_node()


def install() -> None:
    """Install the packages of the naive side, and the Auth emulator. Raises MissingProgramError."""
    folder = REPOSITORY / ".local"
    folder.mkdir(exist_ok=True)
    with (folder / "rivals.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            install_rivals()
        except subprocess.CalledProcessError as error:
            raise MissingProgramError(
                "uv cannot install the naive side's packages, benchmarks/rivals/requirements.txt"
            ) from error
    packages = NodePackages()
    if not packages.installed and (npm := packages.begin()):
        packages.finish(npm)
