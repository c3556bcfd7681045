"""A replacement for Microsoft's base image, with this machine's Python.

Tests cannot pull the real one without a registry. It also has the host in .NET and Microsoft's ODBC
driver, which the build does not use.
"""

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

HOME: Final = Path("/opt/python/3.13")
USERS: Final = "root:x:0:0::/root:/bin/sh\napp:x:1654:1654::/home/app:/bin/false\n"
PROGRAMS: Final = ("sh", "mkdir", "chown", "id", "ls", "cat")
LIBRARIES: Final = (
    *("libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libresolv.so.2"),
    *("librt.so.1", "libdl.so.2", "libpthread.so.0", "libutil.so.1"),
)
"""The libraries that compiled packages may use on any Linux (PEP 599)."""

BUNDLE: Final = "/etc/ssl/certs/ca-certificates.crt"
PASSED_ON: Final = re.compile(r"(?i)(https?|no)_proxy|(PIP|UV)_.*INDEX_URL|UV_DEFAULT_INDEX")
"""Variables with which this machine reaches its package index."""

_LINKED: Final = re.compile(r"(/\S+) \(0x")
_UNUSED: Final = shutil.ignore_patterns("test", "idlelib", "turtledemo", "site-packages", "*.a")


def copy_into(root: Path) -> None:
    """Write the files of the base image into the empty folder `root`."""
    for folder in ("tmp", "etc/ssl/certs", "usr/bin", "usr/lib", "azure-functions-host", "home"):
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    (root / "bin").symlink_to("usr/bin")
    (root / "etc/passwd").write_text(USERS)
    shutil.copy(_certificates(), root / BUNDLE[1:])
    programs = [Path(found) for name in PROGRAMS if (found := shutil.which(name))]
    for program in programs:
        shutil.copy(program, root / "usr/bin")
    modules = _python(root)
    for library in _libraries([*programs, *modules]):
        _copy(library, root / str(library)[1:])


def environment() -> dict[str, str]:
    """Return the image's variables, with those of the package index."""
    passed_on = {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/home",
        "LANG": "C.UTF-8",
        "SSL_CERT_FILE": BUNDLE,
        "PIP_CERT": BUNDLE,
        **passed_on,
    }


def _python(root: Path) -> list[Path]:
    """Copy Python with pip; return the files whose shared libraries it needs."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base, home = Path(sys.base_prefix), root / str(HOME)[1:]
    standard, packages = base / "lib" / name, home / "lib" / name / "site-packages"
    program = (base / "bin" / name).resolve()
    _copy(program, home / "bin" / name)
    shutil.copytree(standard, home / "lib" / name, symlinks=True, ignore=_UNUSED)
    shutil.copytree(standard / "site-packages/pip", packages / "pip")
    for link in (name, "python3", "python"):
        (root / "usr/bin" / link).symlink_to(HOME / "bin" / name)
    for library in (base / "lib").glob("libpython*.so.*"):
        shutil.copy(library, root / "usr/lib")
    return [program, *(standard / "lib-dynload").glob("*.so")]


def _libraries(files: Sequence[Path]) -> Iterator[Path]:
    """Yield the shared libraries of these files, and LIBRARIES."""
    linked = _output("ldd", *map(str, files))
    yield from {Path(path) for path in _LINKED.findall(linked) if "libpython" not in path}
    known = _output("/sbin/ldconfig", "-p")
    for name in LIBRARIES:
        found = re.search(rf"{re.escape(name)} \(.*x86-64.*\) => (\S+)", known)
        if found:
            yield Path(found[1])


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _certificates() -> str:
    paths = ssl.get_default_verify_paths()
    return next(str(path) for path in (paths.cafile, BUNDLE) if path and Path(path).is_file())


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
