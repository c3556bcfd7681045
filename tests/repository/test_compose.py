"""compose.yaml and compose.env: what listens where, and that one knows what the other starts."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.errors import SettingsError
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
SQLCMD = "/opt/mssql-tools18/bin/sqlcmd"
DATABASES = {
    "SQL_CONNECTION_STRING": "smart_cache",
    "TEST_SQL_CONNECTION_STRING": "smart_cache_test",
}


def _settings() -> dict[str, str]:
    """compose.env as its lines say it, without a shell's help."""
    lines = (ROOT / "compose.env").read_text("utf-8").splitlines()
    given = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: shlex.split(text)[0] for name, _, text in given}


def _parts(odbc: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in odbc.split(";"))


def test_every_service_listens_on_this_machine_only_and_tells_when_it_is_ready() -> None:
    assert set(SERVICES) == {"redis", "azurite", "sql", "databases"}
    for name, service in SERVICES.items():
        assert "healthcheck" in service, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_the_settings_name_the_ports_that_are_published() -> None:
    text = " ".join(_settings().values()).replace("UseDevelopmentStorage=true", "127.0.0.1:10000")
    named = set(re.findall(r"127\.0\.0\.1[:,](\d+)", text))
    ports = [port.split(":") for service in SERVICES.values() for port in service.get("ports", [])]
    assert named == {published for _, published, _ in ports}


def test_the_product_accepts_the_settings_here_and_not_in_azure() -> None:
    given = {name.lower(): text for name, text in _settings().items()}
    known = {name: text for name, text in given.items() if name in Settings.model_fields}
    assert Settings.load(**known).uses_redis
    with pytest.raises(SettingsError, match="storage emulator"):
        Settings.load(**known, website_instance_id="an instance")


def test_every_name_is_a_setting_or_one_of_the_tests_and_of_the_container() -> None:
    named = set(_settings()) - {"TEST_SQL_CONNECTION_STRING", "MSSQL_SA_PASSWORD"}
    assert {name.lower() for name in named} <= set(Settings.model_fields)


@pytest.mark.parametrize(("setting", "database"), DATABASES.items())
def test_a_connection_string_has_the_server_s_password_and_a_database_that_is_created(
    setting: str, database: str
) -> None:
    parts = _parts(_settings()[setting])
    assert (parts["Database"], parts["UID"]) == (database, "sa")
    assert parts["PWD"] == _settings()["MSSQL_SA_PASSWORD"]
    assert SERVICES["sql"]["env_file"] == SERVICES["databases"]["env_file"] == "compose.env"


def _create(tmp_path: Path, sqlcmd: str) -> "subprocess.CompletedProcess[str]":
    """The databases' container with a stand-in for `sqlcmd`; it does not stay."""
    (tmp_path / "sqlcmd").write_text(f"#!/bin/bash\n{sqlcmd}\n")
    (tmp_path / "sqlcmd").chmod(0o755)
    (script,) = SERVICES["databases"]["command"]
    for old, new in (
        ("$$", "$"),
        (SQLCMD, str(tmp_path / "sqlcmd")),
        ("/tmp/created", str(tmp_path / "created")),  # noqa: S108 - the container's
        ("exec sleep infinity", "exit 0"),
    ):
        assert old in script
        script = script.replace(old, new)
    return subprocess.run(  # noqa: S603 - the repository's own script
        [*SERVICES["databases"]["entrypoint"], script],
        env={**os.environ, "MSSQL_SA_PASSWORD": "it's a secret"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_both_databases_are_created_and_behave_as_azure_s(tmp_path: Path) -> None:
    ended = _create(tmp_path, 'printf "%s\\n" "$@"')
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "created").exists()
    for name in DATABASES.values():
        assert f"IF DB_ID('{name}') IS NULL CREATE DATABASE {name};" in ended.stdout
        assert f"ALTER DATABASE {name} SET ALLOW_SNAPSHOT_ISOLATION ON;" in ended.stdout
        assert f"ALTER DATABASE {name} SET READ_COMMITTED_SNAPSHOT ON" in ended.stdout
    assert ended.stdout.splitlines().count("it's a secret") == 2


def test_a_database_that_cannot_be_created_is_a_failure(tmp_path: Path) -> None:
    assert _create(tmp_path, "exit 3").returncode == 3
    assert not (tmp_path / "created").exists()


def _environment_of_what_make_runs(tmp_path: Path, *given: str) -> set[str]:
    """`make run` itself, with a program in the place of Python that prints its environment."""
    (tmp_path / "python").write_text("#!/bin/sh\nexec env\n")
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "runnable").touch()
    printed = subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "run", f"BIN={tmp_path}", f"RUNNABLE={tmp_path / 'runnable'}", *given],  # noqa: S607
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV": "an ENV of the user's shell"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return set(printed.splitlines())


def test_make_run_gives_what_it_starts_the_settings_exactly(tmp_path: Path) -> None:
    printed = _environment_of_what_make_runs(tmp_path, "ENV=compose.env")
    assert {f"{name}={text}" for name, text in _settings().items()} <= printed


def test_an_env_in_the_user_s_own_shell_is_no_file_of_settings(tmp_path: Path) -> None:
    printed = _environment_of_what_make_runs(tmp_path)
    assert not {f"{name}={text}" for name, text in _settings().items()} & printed


def test_make_test_takes_the_file_too() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "\t@$(WITH_ENV)$(BIN)/python -m pytest" in makefile
