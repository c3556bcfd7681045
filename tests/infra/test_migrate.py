"""`migrate.sh` and `users.sh`: the database, from the workflow and from a person's machine."""

import re
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from shared.settings import Settings
from tests.infra.stand_ins import GROUP, IMAGE, StandIns

DOCKER = """
echo "docker $*" >>"$ASKED"
token=$(echo "$*" | sed 's/.*--volume \\([^:]*\\):.*/\\1/')
cat "$token" >>"$ASKED"
stat -c ' %a' "$token" >>"$ASKED"
echo "$SQL_CONNECTION_STRING" >>"$ASKED"
"""
CURL = """
echo "a token" >>"$ASKED.tokens"
cat "${7#@}" >"$ASKED.header"
echo "$8" >"$ASKED.url"
echo '{"value": "signed"}'
"""
SQL = {"GROUP": GROUP, "SQL_SERVER": "sql.example", "DATABASE": "tracks"}
IDENTITIES = {
    "APP_IDENTITY": "music-app",
    "APP_PRINCIPAL_ID": "app-id",
    "FACTORY": "music-factory",
    "FACTORY_PRINCIPAL_ID": "factory-id",
    "DEPLOY_IDENTITY": "music-deploy",
    "DEPLOY_PRINCIPAL_ID": "deploy-id",
}
RULE = "--resource-group music --server sql --name deployment-192-0-2-7"
OPENED = (
    f"az sql server firewall-rule create {RULE} --start-ip-address 192.0.2.7 "
    "--end-ip-address 192.0.2.7 --output none"
)
CLOSED = f"az sql server firewall-rule delete {RULE} --output none"
SIGN_IN = (
    "sqlcmd -S tcp:sql.example,1433 -d tracks --authentication-method ActiveDirectoryAzCli "
    "-N -l 30 -b -r1"
)
USERS = (
    f"{SIGN_IN} -i infra/users.sql -v API=music-app -v API_ID=app-id -v FACTORY=music-factory "
    "-v FACTORY_ID=factory-id -v DEPLOY=music-deploy -v DEPLOY_ID=deploy-id"
)

RUN = {
    "SQL_SERVER": "sql.example",
    "DATABASE": "tracks",
    "AZURE_CLIENT_ID": "client",
    "AZURE_TENANT_ID": "tenant",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.example?version=1",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "secret of the run",
}


def test_the_image_migrates_with_the_token_of_the_run(tmp_path: Path) -> None:
    programs = StandIns(tmp_path, docker=DOCKER, curl=CURL)
    done = programs.run(
        "infra/migrate.sh",
        IMAGE,
        **RUN,
    )
    assert done.returncode == 0
    command, token, connection = programs.asked
    assert command.endswith(f" {IMAGE} python -m shared.cli migrate")
    assert "signed" not in command
    assert token == "signed 644"
    assert "Server=tcp:sql.example,1433;Database=tracks;" in connection
    header = Path(f"{programs.asked_file}.header").read_text("utf-8")
    assert header == "Authorization: bearer secret of the run\n"
    url = Path(f"{programs.asked_file}.url").read_text("utf-8")
    assert url == "https://token.example?version=1&audience=api://AzureADTokenExchange\n"
    assert not Path(command.split("--volume ")[1].partition(":")[0]).exists()


REFUSED_TWICE = """
echo "docker migrates" >>"$ASKED"
[ "$(grep -c docker "$ASKED")" -gt 2 ] || { echo "40615: not allowed to access" >&2; exit 1; }
"""


def test_in_a_private_network_the_run_opens_the_firewall_and_waits(tmp_path: Path) -> None:
    programs = StandIns(tmp_path, docker=REFUSED_TWICE, curl=CURL)
    private = {"PRIVATE_NETWORK": "true", "GROUP": GROUP, "ADDRESS": "192.0.2.7"}
    done = programs.run("infra/migrate.sh", IMAGE, **RUN, **private)
    assert done.returncode == 0, done.stderr
    assert programs.asked == [OPENED, *["docker migrates"] * 3, CLOSED]
    # GitHub's token is good for five minutes, and the firewall may take as long.
    assert Path(f"{programs.asked_file}.tokens").read_text("utf-8") == "a token\n" * 3
    assert not done.stderr


def test_in_a_private_network_the_firewall_is_closed_when_a_migration_fails(
    tmp_path: Path,
) -> None:
    programs = StandIns(tmp_path, docker='echo "no such column" >&2; exit 1', curl=CURL)
    private = {"PRIVATE_NETWORK": "true", "GROUP": GROUP, "ADDRESS": "192.0.2.7"}
    done = programs.run("infra/migrate.sh", IMAGE, **RUN, **private)
    assert done.returncode == 1
    assert done.stderr == "no such column\n"
    assert programs.asked == [OPENED, CLOSED]


def test_elsewhere_the_project_migrates_behind_an_open_firewall(programs: StandIns) -> None:
    done = programs.run("infra/migrate.sh", **SQL, FIREBASE_PROJECT_ID="not the app's settings")
    assert done.returncode == 0, done.stderr
    assert programs.changes == [OPENED, "python -m shared.cli migrate", CLOSED]
    given = dict(
        line.split("=", 1)
        for line in Path(f"{programs.asked_file}.env").read_text("utf-8").splitlines()
        if "=" in line
    )
    assert given["SQL_CONNECTION_STRING"] == (
        "Driver={ODBC Driver 18 for SQL Server};Server=tcp:sql.example,1433;"
        "Database=tracks;Encrypt=yes"
    )
    assert given["AZURE_TOKEN_CREDENTIALS"] == "AzureCliCredential"
    assert "FIREBASE_PROJECT_ID" not in given


def test_no_variable_of_a_deployment_becomes_a_setting_of_the_migration() -> None:
    """A hook gets all of azd's variables, and the migrations read the app's settings."""
    taken = (REPOSITORY / "infra" / "functions.sh").read_text("utf-8").partition("env -u ")[2]
    removed = set(taken.replace("-u ", "").split("\\")[0].split())
    settings = {name.upper() for name in Settings.model_fields}
    scripts = "".join(path.read_text("utf-8") for path in (REPOSITORY / "infra").rglob("*.sh"))
    scripts += (REPOSITORY / "infra" / "main.bicep").read_text("utf-8")
    said = {name for name in settings if f"${{{name}" in scripts or f"${name}" in scripts}
    assert "FIREBASE_PROJECT_ID" in removed
    assert said - {"SQL_CONNECTION_STRING", "STORAGE_ACCOUNT_URL"} <= removed


def test_the_firewall_is_waited_for(programs: StandIns) -> None:
    programs.refuse_sql(5)
    assert programs.run("infra/migrate.sh", **SQL).returncode == 0
    assert [call for call in programs.asked if "SELECT 1" in call] == [
        f"{SIGN_IN} -Q SELECT 1 -o /dev/null"
    ] * 6


def test_a_firewall_that_stays_closed_is_given_up_and_taken_back(programs: StandIns) -> None:
    programs.refuse_sql(100)
    done = programs.run("infra/migrate.sh", **SQL, SQL_ADMIN_NAME="bob@example.com")
    assert done.returncode == 1
    assert "Msg 40615: cannot open server" in done.stderr
    assert "SQL_ADMIN_NAME: bob@example.com" in done.stderr
    assert "signed in as ann@example.com" in done.stderr
    assert programs.changes == [OPENED, CLOSED]


def test_the_firewall_is_closed_when_a_migration_fails(programs: StandIns) -> None:
    programs.azure["refuses"] = "nothing"
    python = programs.folder / "venv" / "bin" / "python"
    python.write_text('#!/bin/sh\n[ "$2" = deployment.odbc_driver ] || exit 3\n')
    assert programs.run("infra/migrate.sh", **SQL).returncode == 3
    assert programs.azure["firewall"] == []


def test_an_address_can_be_given_where_it_cannot_be_found(programs: StandIns) -> None:
    done = programs.run("infra/migrate.sh", **SQL, OFFLINE="yes")
    assert done.returncode == 1
    assert "Set ADDRESS" in done.stderr
    assert programs.changes == []
    assert (
        programs.run("infra/migrate.sh", **SQL, OFFLINE="yes", ADDRESS="192.0.2.7").returncode == 0
    )


def test_the_older_sqlcmd_is_refused_with_what_to_install(programs: StandIns) -> None:
    done = programs.run("infra/migrate.sh", **SQL, SQLCMD_HELP="usage: Sqlcmd [-U login id]")
    assert done.returncode == 1
    assert "sqlcmd (Go) is missing, or the older sqlcmd" in done.stderr
    assert programs.changes == []


def test_the_users_are_made_by_object_id(programs: StandIns) -> None:
    assert programs.run("infra/users.sh", **SQL, **IDENTITIES).returncode == 0
    assert programs.changes == [OPENED, USERS, CLOSED]


def test_each_user_gets_the_id_of_its_own_identity() -> None:
    users = (REPOSITORY / "infra" / "users.sql").read_text("utf-8")
    made = re.findall(r"CREATE USER \[\$\((\w+)\)\].*OBJECT_ID = '\$\((\w+)\)';", users)
    assert made == [(name, f"{name}_ID") for name in ("API", "FACTORY", "DEPLOY")]


def test_an_application_is_told_that_it_may_not_make_users(programs: StandIns) -> None:
    failure = "Msg 33134: Principal could not be resolved. Server identity is not configured."
    done = programs.run("infra/users.sh", **SQL, **IDENTITIES, SQL_ERROR=failure)
    assert done.returncode == 1
    assert failure in done.stderr
    assert "Sign in as a person who administers the SQL server" in done.stderr
    assert programs.azure["firewall"] == []


@pytest.mark.parametrize("signal", ["TERM", "INT", "HUP"])
def test_the_firewall_is_closed_when_the_script_is_stopped(tmp_path: Path, signal: str) -> None:
    (tmp_path / "programs").mkdir()
    stop = f'[ "$1" = "-?" ] && echo --authentication-method || kill -{signal} $PPID $$'
    programs = StandIns(tmp_path / "programs", sqlcmd=stop)
    assert programs.run("infra/users.sh", **SQL, **IDENTITIES).returncode != 0
    assert programs.changes == [OPENED, CLOSED]
