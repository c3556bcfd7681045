"""Installs npm packages at the versions of a package-lock.json: the emulators', and others."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

from local import files
from local.process import Child
from local.programs import MissingProgramError
from local.services import HERE, NODE_DIR

LEAST_NODE = 20


class NodePackages:
    """A folder with the `node_modules` that `source`/package-lock.json describes."""

    def __init__(self, directory: Path = NODE_DIR, source: Path = HERE) -> None:
        self._directory = directory
        self._source = source
        self._stamp = directory / "installed"
        self._lock: IO[str] | None = None

    @property
    def installed(self) -> bool:
        return self._stamp.is_file() and self._stamp.read_bytes() == self._digest().encode()

    def begin(self) -> Child | None:
        """Start `npm ci`; call `finish` afterwards. Raises MissingProgramError.

        If another process is installing, wait for it and return None.
        """
        check_node()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._lock = (self._directory / "lock").open("a")  # held until `finish`
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self.installed:
            self._lock.close()
            return None
        self.forget()  # until npm has ended, they count as not installed
        return self._npm_ci(self._lock.fileno())

    def _npm_ci(self, lock: int) -> Child:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(self._source / name, self._directory / name)
        # Without scripts, which would build or download what is not used here.
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        # An npm whose parent is killed keeps the lock. Nothing that is needed sooner waits for it.
        return Child(["nice", "npm", "ci", *options], cwd=self._directory, keep=[lock])

    def finish(self, npm: Child) -> None:
        """Wait for npm. Raises MissingProgramError with its last lines if it failed."""
        status = npm.wait()
        npm.stop()
        if not status:
            files.write(self._stamp, self._digest())
        if self._lock:
            self._lock.close()
        if status:
            last = "\n".join(npm.output().splitlines()[-5:])
            what = f"the packages of {self._source.name}/package.json"
            raise MissingProgramError(f"npm could not install {what}:\n{last}")

    def forget(self) -> None:
        """Make the next start install them again."""
        self._stamp.unlink(missing_ok=True)

    def _digest(self) -> str:
        return hashlib.sha256((self._source / "package-lock.json").read_bytes()).hexdigest()


def check_node() -> None:
    """Raises MissingProgramError unless Node 20 or newer and npm are on the PATH."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise MissingProgramError("Node is not on the PATH: install Node 20 or newer, with npm")
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = done.stdout.strip().removeprefix("v")
    if not version.partition(".")[0].isdigit() or int(version.partition(".")[0]) < LEAST_NODE:
        raise MissingProgramError(f"Node {version or '?'} is too old: install Node 20 or newer")


def main() -> int:
    """Install the packages if they are missing; return 0, or 1 with the reason on stderr."""
    packages = NodePackages()
    if packages.installed:
        return 0
    try:
        check_node()
        print("Installing the emulators (npm, about a minute) ...", flush=True)
        if npm := packages.begin():
            packages.finish(npm)
    except MissingProgramError as error:
        print(f"Left out: sign-in, blob storage, and their tests. {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
