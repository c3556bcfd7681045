"""A missing ODBC driver is named at start, without anything of the connection string."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from shared.errors import SettingsError
from shared.repository.odbc_driver import require_driver
from shared.services import Services
from shared.settings import Settings

INSTALLED = "ODBC Driver 18 for SQL Server"
REST = ";Server=tcp:127.0.0.1,1;Database=x;UID=sa;PWD=s3cret"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with unixODBC and one driver."""
    monkeypatch.setitem(sys.modules, "pyodbc", SimpleNamespace(drivers=lambda: [INSTALLED]))


def refused(odbc: str) -> str:
    with pytest.raises(SettingsError) as caught:
        require_driver(odbc)
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


def test_without_unixodbc_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    message = refused(f"Driver={{{INSTALLED}}}{REST}")
    assert "unixODBC, which is not installed" in message
    assert "Microsoft's ODBC Driver 18" in message
    assert "\n" not in message


def test_the_app_is_refused_at_start_and_not_at_its_first_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    settings = Settings(sql_connection_string=SecretStr(f"Driver={{{INSTALLED}}}{REST}"))
    with pytest.raises(SettingsError):
        Services(settings)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "named",
    [
        f"Driver={{{INSTALLED}}}",
        f"driver = {INSTALLED.lower()} ",
        "DSN=mine",
        "Driver=",
        "APP={Driver=x}",
    ],
)
def test_an_installed_driver_and_a_string_without_one_are_accepted(named: str) -> None:
    require_driver(named + REST)


@pytest.mark.usefixtures("installed")
def test_a_driver_may_be_the_path_of_its_library(tmp_path: Path) -> None:
    library = tmp_path / "libmsodbcsql.so"
    library.touch()
    require_driver(f"Driver={library}{REST}")
    assert str(library) + "x" in refused(f"Driver={library}x{REST}")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("named", ["Driver={ODBC Driver 17 for SQL Server}", "DRIVER=FreeTDS"])
def test_a_driver_that_is_not_installed_is_named(named: str) -> None:
    message = refused(named + REST)
    assert named.partition("=")[2].strip("{}") in message
    assert "Microsoft's ODBC Driver 18" in message
