"""`trigger.sh` and `data.sh`: Data Factory's trigger, and the first CSV."""

from pathlib import Path

import pytest

from tests.infra.stand_ins import GROUP, StandIns

NAMES = {"GROUP": GROUP, "FACTORY": "music-factory", "STORAGE": "musicdata"}
TRIGGER = (
    "/subscriptions/1234/resourceGroups/music/providers/Microsoft.DataFactory"
    "/factories/music-factory/triggers/new_csv"
)


ROLE = (
    "az role assignment create --assignee-object-id ann-id --assignee-principal-type User "
    "--role Storage Blob Data Contributor --scope /subscriptions/1234/resourceGroups/music"
    "/providers/Microsoft.Storage/storageAccounts/musicdata/blobServices/default/containers"
    "/raw --output none"
)


def order(verb: str) -> str:
    return f"az rest --method post --uri {TRIGGER}/{verb}?api-version=2018-06-01 --output none"


@pytest.fixture
def csv(tmp_path: Path) -> str:
    file = tmp_path / "SpotifyFeatures.csv"
    file.write_text("genre\n", "utf-8")
    return str(file)


def test_a_trigger_is_started_and_waited_for(programs: StandIns) -> None:
    programs.azure |= {"trigger": "Stopped", "tries_until_trigger": 4}
    assert programs.run("infra/trigger.sh", "start", **NAMES).returncode == 0
    assert programs.azure["trigger"] == "Started"
    assert programs.changes == [order("start")]


def test_an_order_that_is_refused_for_two_minutes_is_given_again(programs: StandIns) -> None:
    programs.azure |= {"trigger": "Stopped", "refused_orders": 12}
    assert programs.run("infra/trigger.sh", "start", **NAMES).returncode == 0
    assert programs.azure["trigger"] == "Started"


@pytest.mark.parametrize(("verb", "state"), [("start", "Started"), ("stop", "Stopped")])
def test_a_trigger_in_the_right_state_is_left_alone(
    programs: StandIns, verb: str, state: str
) -> None:
    programs.azure["trigger"] = state
    assert programs.run("infra/trigger.sh", verb, **NAMES).returncode == 0
    assert programs.changes == []


def test_a_trigger_that_is_not_there_yet_need_not_be_stopped(programs: StandIns) -> None:
    assert programs.run("infra/trigger.sh", "stop", **NAMES).returncode == 0


@pytest.mark.parametrize("refused", ["triggers/new_csv/start", "--method get .*new_csv"])
def test_a_trigger_that_cannot_be_reached_is_told(programs: StandIns, refused: str) -> None:
    programs.azure |= {"trigger": "Stopped", "refuses": refused}
    done = programs.run("infra/trigger.sh", "start", **NAMES)
    assert done.returncode == 1
    assert "AuthorizationFailed" in done.stderr
    assert "The trigger new_csv did not start" in done.stderr or "is unknown" in done.stderr


def test_a_trigger_that_does_not_start_is_given_up(programs: StandIns) -> None:
    programs.azure |= {"trigger": "Stopped", "tries_until_trigger": 1000}
    done = programs.run("infra/trigger.sh", "start", **NAMES)
    assert done.returncode == 1
    assert "is still Stopped, 5 minutes after the order to start" in done.stderr
    assert "run: infra/trigger.sh start" in done.stderr


def test_without_a_file_only_the_trigger_is_started(programs: StandIns) -> None:
    programs.azure["trigger"] = "Stopped"
    assert programs.run("infra/data.sh", **NAMES).returncode == 0
    assert programs.changes == [order("start")]


def test_a_file_is_uploaded_when_the_role_works(programs: StandIns, csv: str) -> None:
    programs.azure |= {"trigger": "Stopped", "tries_until_role": 3}
    done = programs.run("infra/data.sh", **NAMES, DATA=csv)
    assert done.returncode == 0, done.stderr
    assert programs.changes == [
        order("start"),
        ROLE,
        f"python -m shared.cli upload {csv}",
    ]
    environment = Path(f"{programs.asked_file}.env").read_text("utf-8")
    assert "STORAGE_ACCOUNT_URL=https://musicdata.blob.core.windows.net\n" in environment


def test_a_file_that_is_there_is_not_uploaded_again(programs: StandIns, csv: str) -> None:
    programs.azure |= {"trigger": "Started", "roles": ["Owner"]}
    programs.azure["blobs"] = {"SpotifyFeatures.csv": 6}
    assert programs.run("infra/data.sh", **NAMES, DATA=csv).returncode == 0
    assert programs.changes == []


def test_a_file_that_does_not_exist_is_told_before_anything_is_done(programs: StandIns) -> None:
    done = programs.run("infra/data.sh", **NAMES, DATA="/nowhere.csv")
    assert done.returncode == 1
    assert "DATA names no file that can be read: /nowhere.csv" in done.stderr
    assert programs.asked == []
