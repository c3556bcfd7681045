"""`python -m deployment.odbc_driver`: an installed driver, the package's, or what to install."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from deployment import odbc_driver

INSTALLED = SimpleNamespace(missing="")


@pytest.fixture
def drivers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the installed drivers; unixODBC is there, the package is not."""
    names: list[str] = []
    pyodbc = ModuleType("pyodbc")
    vars(pyodbc)["drivers"] = lambda: names
    monkeypatch.setitem(sys.modules, "pyodbc", pyodbc)
    monkeypatch.setattr(odbc_driver, "UNIX_ODBC", INSTALLED)
    monkeypatch.setattr(odbc_driver, "PACKAGE", "a_package_that_does_not_exist")
    return names


def test_an_installed_driver_is_used_by_its_name(
    drivers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    drivers.append(odbc_driver.NAME)
    assert odbc_driver.main() == 0
    assert capsys.readouterr().out == "ODBC Driver 18 for SQL Server\n"


@pytest.mark.usefixtures("drivers")
def test_the_driver_of_the_package_is_used_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    libs = tmp_path / "package_of_the_test" / "libs" / "linux"
    for family in ("debian_ubuntu", "rhel"):
        folder = libs / family / "x86_64" / "lib"
        folder.mkdir(parents=True)
        (folder / "libmsodbcsql-18.6.so.2.1").touch()
    (tmp_path / "package_of_the_test" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(odbc_driver, "PACKAGE", "package_of_the_test")
    monkeypatch.setattr(odbc_driver, "family", lambda: "rhel")
    assert odbc_driver.main() == 0
    assert capsys.readouterr().out == f"{libs}/rhel/x86_64/lib/libmsodbcsql-18.6.so.2.1\n"


@pytest.mark.parametrize(
    ("release", "family"),
    [
        ({"ID": "debian"}, "debian_ubuntu"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "debian_ubuntu"),
        ({"ID": "opensuse-leap", "ID_LIKE": "suse opensuse"}, "suse"),
        ({"ID": "fedora"}, "rhel"),
    ],
)
def test_the_package_has_a_driver_for_each_family(
    monkeypatch: pytest.MonkeyPatch, release: dict[str, str], family: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: release)
    assert odbc_driver.family() == family


@pytest.mark.usefixtures("drivers")
def test_without_a_driver_it_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert odbc_driver.main() == 1
    assert "pip install mssql-python-odbc" in capsys.readouterr().err


def test_without_unixodbc_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(odbc_driver, "UNIX_ODBC", SimpleNamespace(missing="unixODBC is missing"))
    assert odbc_driver.main() == 1
    assert capsys.readouterr().err == "unixODBC is missing\n"
