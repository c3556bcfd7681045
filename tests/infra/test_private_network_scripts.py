"""The scripts that reach into a private network, with stand-ins for the Azure CLI and curl."""

from pathlib import Path

import pytest

from tests.infra.programs import Programs

AZ = """
[ "$1 $2" != "account show" ] || { echo 1234; exit; }
echo "az $*" >>"$ASKED"
[ "$*" != "$BROKEN" ]
"""
CURL = """
case "$*" in
  *api.ipify.org*) echo 203.0.113.7 ;;
  *) read -r status rest <"$STATUSES"; echo "$rest" >"$STATUSES"; echo "curl ${*: -1}" >>"$ASKED"
     printf %s "$status" ;;
esac
"""
WORK = """
echo "work $*" >>"$ASKED"
case "$1" in fail) exit 3 ;; die) kill -TERM "$PPID" ;; esac
"""
NAMES = {
    "PRIVATE_NETWORK": "true",
    "GROUP": "music",
    "REGISTRY": "music.azurecr.io",
    "VAULT": "music-vault",
    "STORAGE": "musicdata",
    "SQL_SERVER": "music-sql.database.windows.net",
    "FACTORY": "music-factory",
    "PAUSE_SECONDS": "0",
}
REGISTRY = "az acr update --name music --resource-group music --output none --default-action"
PROBE = "curl https://music.azurecr.io/v2/"
RULE = "--resource-group music --ip-address 203.0.113.7 --output none"


def opened(
    folder: Path, *arguments: str, statuses: str = "401", **variables: str
) -> tuple[int, list[str]]:
    """Run `infra/opened.sh`; `statuses` are what the registry answers, one after the other."""
    programs = Programs(folder, az=AZ, curl=CURL, work=WORK)
    answers = folder / "statuses"
    answers.write_text(statuses)
    given = {**NAMES, "STATUSES": str(answers), "BROKEN": "", **variables}
    return programs.run("opened.sh", *arguments, **given), programs.asked


def test_without_the_option_a_command_just_runs(tmp_path: Path) -> None:
    status, asked = opened(tmp_path, "registry", "work", "build", PRIVATE_NETWORK="false")
    assert (status, asked) == (0, ["work build"])


def test_the_registry_is_open_while_the_command_runs(tmp_path: Path) -> None:
    status, asked = opened(tmp_path, "registry", "work", "push it", statuses="403 403 401")
    assert status == 0
    open_, close = f"{REGISTRY} Allow", f"{REGISTRY} Deny"
    assert asked == [open_, PROBE, PROBE, PROBE, "work push it", close]


@pytest.mark.parametrize(("ending", "status"), [("fail", 3), ("die", -15)])
def test_what_was_opened_is_closed_however_the_command_ends(
    tmp_path: Path, ending: str, status: int
) -> None:
    result, asked = opened(tmp_path, "registry", "work", ending)
    assert result == status
    assert asked[-2:] == [f"work {ending}", f"{REGISTRY} Deny"]


def test_a_registry_that_stays_closed_is_not_pushed_to(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, asked = opened(tmp_path, "registry", "work", "push", statuses="403 " * 40)
    assert status == 1
    assert "work push" not in asked
    assert asked[-1] == f"{REGISTRY} Deny"
    assert "is closed to this machine still" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("vault", "az keyvault network-rule {} --name music-vault"),
        ("storage", "az storage account network-rule {} --account-name musicdata"),
    ],
)
def test_the_vault_and_the_storage_open_to_this_machine_alone(
    tmp_path: Path, target: str, rule: str
) -> None:
    status, asked = opened(tmp_path, target, "work", "set")
    assert status == 0
    assert asked == [
        f"{rule.format('add')} {RULE}",
        "work set",
        f"{rule.format('remove')} {RULE}",
    ]


def test_what_could_not_be_closed_is_said_with_the_command_that_closes_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, _ = opened(tmp_path, "registry", "work", "push", BROKEN=f"{REGISTRY[3:]} Deny")
    assert status == 0
    assert f"Close it: {REGISTRY} Deny" in capfd.readouterr().err


def test_a_target_that_is_none_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    programs = Programs(tmp_path, az=AZ, curl=CURL, work=WORK)
    assert programs.run("opened.sh", "redis", "work", "x", **NAMES) == 1
    assert "registry|vault|storage COMMAND..., not redis" in capfd.readouterr().err
    assert not programs.file.exists()


NETWORK_AZ = """
[ "$1 $2" != "account show" ] || { echo 1234; exit; }
echo "$*" >>"$ASKED.all"
case "$1 $4" in
  "sql list") [ ! -e "$ASKED.rule" ] || echo AllowAllWindowsAzureIps; exit ;;
  "sql delete") echo "$*" >>"$ASKED"; rm "$ASKED.rule"; exit ;;
esac
verb=$3 id=
while [ $# -gt 0 ]; do [ "$1" != --id ] || id=$2; shift; done
resource=${id%%/privateEndpointConnections/*}
state="$ASKED.$(basename "$resource")"
echo "$verb $id" >>"$ASKED"
if [ "$verb" = approve ]; then echo Approved >"$state"; exit; fi
read -r now next <"$state" || true
[ -z "$next" ] || echo "$next" >"$state"
[ "$now" = absent ] || printf '%s\\t%s\\n' "$id/privateEndpointConnections/asked-for" "$now"
"""
PROVIDERS = "/subscriptions/1234/resourceGroups/music/providers"
SQL = f"{PROVIDERS}/Microsoft.Sql/servers/music-sql"
DATA = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/musicdata"
ALL_OF_AZURE = (
    "sql server firewall-rule delete --resource-group music --server music-sql "
    "--name AllowAllWindowsAzureIps --output none"
)


def private_network(
    folder: Path, *, sql: str, data: str, rule: bool = False, **variables: str
) -> tuple[int, list[str]]:
    """Run the script; `sql` and `data` are the states of the connections, one after the other."""
    programs = Programs(folder, az=NETWORK_AZ)
    programs.file.write_text("")
    for name, states in (("music-sql", sql), ("musicdata", data)):
        Path(f"{programs.file}.{name}").write_text(f"{states}\n")
    if rule:
        Path(f"{programs.file}.rule").touch()
    return programs.run("private-network.sh", **{**NAMES, **variables}), programs.asked


def approved(resource: str) -> list[str]:
    connection = f"{resource}/privateEndpointConnections/asked-for"
    return [f"list {resource}", f"approve {connection}", f"list {resource}"]


def test_the_factorys_endpoints_are_approved_once_they_were_asked_for(tmp_path: Path) -> None:
    status, asked = private_network(tmp_path, sql="absent Pending", data="Pending")
    assert status == 0
    assert asked == [f"list {SQL}", *approved(SQL), *approved(DATA)]
    calls = Path(f"{tmp_path}/asked.all").read_text()
    assert "[?ends_with(properties.privateEndpoint.id, 'music-factory-load-sql')]" in calls
    assert "[?ends_with(properties.privateEndpoint.id, 'music-factory-load-data')]" in calls


def test_the_rule_of_an_earlier_deployment_goes_last(tmp_path: Path) -> None:
    status, asked = private_network(tmp_path, sql="Approved", data="Approved", rule=True)
    assert (status, asked) == (0, [f"list {SQL}", f"list {DATA}", ALL_OF_AZURE])
    again, asked = private_network(tmp_path, sql="Approved", data="Approved")
    assert (again, asked) == (0, [f"list {SQL}", f"list {DATA}"])


def test_without_the_option_the_network_is_left_alone(tmp_path: Path) -> None:
    status, asked = private_network(
        tmp_path, sql="Pending", data="Pending", rule=True, PRIVATE_NETWORK="false"
    )
    assert (status, asked) == (0, [])


@pytest.mark.parametrize(
    ("state", "says"), [("Rejected", "is Rejected"), ("absent", "not asked for")]
)
def test_an_endpoint_that_is_not_approved_fails_the_step(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], state: str, says: str
) -> None:
    status, asked = private_network(tmp_path, sql="Approved", data=state, rule=True)
    assert status == 1
    assert says in capfd.readouterr().err
    assert ALL_OF_AZURE not in asked
