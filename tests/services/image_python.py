"""`image_python`: a Python that has the packages of requirements.txt and no others, as the image.

The tests have more packages, so an import that requirements.txt does not provide would succeed. The
environment is made of links to the tests' own packages: that takes a second, and no network.
"""

import re
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

import pytest

from local.hosted import REPOSITORY
from tests.infra.host_packages import DISTRIBUTIONS

REQUIREMENTS = REPOSITORY / "requirements.txt"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


@pytest.fixture(scope="session")
def image_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a virtual environment with requirements.txt and the local host's packages."""
    return create(tmp_path_factory.mktemp("image"), (*pinned(), *DISTRIBUTIONS))


def pinned(requirements: Path = REQUIREMENTS) -> dict[str, str]:
    """The version of each package in a file of requirements, by its normalised name."""
    pins = _PIN.findall(requirements.read_text("utf-8"))
    return {_normalised(name): version for name, version in pins}


def create(folder: Path, names: Iterable[str]) -> Path:
    """Make a virtual environment in `folder` with these of our packages; return its Python."""
    venv.create(folder, symlinks=True, with_pip=False)
    (site,) = folder.glob("lib/python3*/site-packages")
    for path, target in _links({_normalised(name) for name in names}):
        link = site / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    return folder / "bin" / "python"


def installed() -> dict[str, str]:
    """The version of each of our packages, by its normalised name."""
    return {_name_of(one): one.version for one in distributions()}


def _links(names: set[str]) -> Iterator[tuple[PurePosixPath, Path]]:
    """A link for each folder that holds nothing of other packages, else for each of its files."""
    known = [one for one in distributions() if _name_of(one) in names]
    foreign = {
        parent
        for one in distributions()
        if _name_of(one) not in names
        for file in _files(one)
        for parent in file.parents
    }
    found = {_outermost(file, foreign): one for one in known for file in _files(one)}
    return ((path, Path(str(one.locate_file(path)))) for path, one in found.items())


def _outermost(file: PurePosixPath, foreign: set[PurePosixPath]) -> PurePosixPath:
    """The outermost folder of the file that is not one of `foreign`, else the file itself."""
    folders = reversed(file.parents)
    return next((folder for folder in folders if folder not in foreign), file)


def _files(distribution: Distribution) -> Iterator[PurePosixPath]:
    files = (PurePosixPath(file) for file in distribution.files or ())
    return (file for file in files if file.parts[0] != "..")


def _name_of(distribution: Distribution) -> str:
    return _normalised(distribution.name)


def _normalised(name: str) -> str:
    """The name as in the simple repository API (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
