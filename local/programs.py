"""System programs and libraries that the product uses and pip cannot install.

`python -m local.programs NAME...` installs the missing ones if it may use apt-get. For each that is
still missing it prints one line: what does not work without it, and the command that installs it.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final


class MissingProgramError(Exception):
    """A program is not installed; the message has the command that installs it."""


def command(*names: str) -> Callable[[], str | None]:
    """Return a function that finds the first of these programs on the PATH."""
    return lambda: next((path for name in names if (path := shutil.which(name))), None)


def library(*names: str) -> Callable[[], str | None]:
    """Return a function that finds the first of these libraries that loads."""
    return lambda: next((name for name in names if _loads(name)), None)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _may_mount() -> bool:
    """Whether this user may mount folders; root in an unprivileged container may not."""
    program = shutil.which("unshare")
    if os.geteuid() != 0 or program is None:
        return False
    done = subprocess.run([program, "--mount", "true"], capture_output=True, check=False)
    return done.returncode == 0


@dataclass(frozen=True)
class Program:
    """A program or a library of the system; `use` is what does not work without it."""

    name: str
    use: str
    package: str
    """Debian's name of the package."""
    find: Callable[[], str | None]
    """Its path, or None when it is not installed."""
    brew: str = ""
    """Homebrew's name where it differs; `-` if Homebrew has no such package."""
    mounts: bool = False
    """Whether it needs the right to mount folders."""
    by_hand: str = ""
    """The command that installs it on Linux if Debian has no package of it."""
    in_ci: bool = True
    """Whether `make check` fails without it where CI is set."""

    @property
    def install(self) -> str:
        """The command that installs it on this kind of machine."""
        if sys.platform == "darwin":
            name = self.brew or self.package
            return "there is none for macOS" if name == "-" else f"brew install {name}"
        if self.by_hand:
            return self.by_hand
        return f"{'' if os.geteuid() == 0 else 'sudo '}apt-get install {self.package}"

    @property
    def missing(self) -> str:
        """Why it cannot be used and what to do, or an empty text."""
        if self.find() is None:
            return f"{self.name} is not installed ({self.install})"
        if self.mounts and not _may_mount():
            return f"{self.name} needs root, and in a container --privileged"
        return ""

    def path(self) -> str:
        """Return its path. Raises MissingProgramError."""
        if missing := self.missing:
            raise MissingProgramError(missing)
        return str(self.find())


REDIS: Final = Program(
    "redis-server",
    "the tests of the shared cache, and Redis in `make run`",
    "redis-server",
    command("redis-server"),
    brew="redis",
)
UNIX_ODBC: Final = Program(
    "unixODBC",
    "Azure SQL, and the tests of its driver",
    "unixodbc",
    library("libodbc.so.2", "libodbc.2.dylib", "/opt/homebrew/lib/libodbc.2.dylib"),
)
CHROMIUM: Final = Program(
    "Chromium",
    "the tests of the documentation page",
    "chromium",
    command("chromium", "chromium-browser", "google-chrome"),
)
BUILDAH: Final = Program(
    "buildah",
    "the tests that build the image",
    "buildah",
    command("buildah"),
    brew="-",
    mounts=True,
)
WRK: Final = Program("wrk", "the benchmark", "wrk", command("wrk"))
NGINX: Final = Program(
    "nginx", "the benchmark", "nginx", lambda: shutil.which("nginx", path=_with_sbin())
)

PROGRAMS: Final = {
    "redis": REDIS,
    "odbc": UNIX_ODBC,
    "chromium": CHROMIUM,
    "buildah": BUILDAH,
    "wrk": WRK,
    "nginx": NGINX,
}


def _with_sbin() -> str:
    """Debian installs servers into /usr/sbin, which only root has on the PATH."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])


def main(names: Sequence[str]) -> int:
    """Return 0, or 1 in CI if something is still missing, because CI must run every test."""
    programs = [PROGRAMS[name] for name in names]
    absent = [program for program in programs if program.find() is None]
    if absent and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(absent)
    missing = [program for program in programs if program.missing]
    for program in missing:
        print(f"Left out: {program.use}. {program.missing}")
    return int(bool(missing and os.environ.get("CI")))


def _install(programs: Sequence[Program]) -> None:
    """Install by apt-get, all at once; print why where that fails."""
    names = ", ".join(program.name for program in programs)
    print(f"Installing {names} (apt-get, about a minute) ...", flush=True)
    packages = [program.package for program in programs]
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "--quiet=2", *command],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            output = (done.stderr or done.stdout).strip().splitlines()
            print(f"apt-get {command[0]} failed: {' '.join(output[-1:])}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
