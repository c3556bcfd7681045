"""azd's hooks with the private network: a dry run on an Azure whose firewalls are closed."""

from pathlib import Path

import pytest

from tests.infra.fake_azd import ANSWERS, Azd, failed
from tests.infra.stand_ins import StandIns

ALL_OF_AZURE = "AllowAllWindowsAzureIps"
FIREWALLS = ("az acr update", "az keyvault network-rule", "az storage account network-rule")


@pytest.fixture
def azd(programs: StandIns, files: dict[str, str], tmp_path: Path) -> Azd:
    csv = tmp_path / "SpotifyFeatures.csv"
    csv.write_text("genre\n", "utf-8")
    return Azd(programs, **ANSWERS, **files, DATA=str(csv), PRIVATE_NETWORK="true")


def opened_and_closed(azd: Azd) -> list[str]:
    """The calls that change a firewall, and those that need it open, in short."""
    wanted = (
        *FIREWALLS,
        "az acr build",
        "az keyvault secret set",
        "az network",
        "python -m shared",
    )
    return [
        " ".join(word for word in call.split() if word in WORDS)
        for call in azd.programs.changes
        if call.startswith(wanted)
    ]


WORDS = {
    *("acr", "keyvault", "storage", "network", "shared.cli"),
    *("Allow", "Deny", "add", "remove", "build", "set", "approve", "migrate", "upload"),
}


def test_azd_up_opens_each_firewall_for_the_step_that_needs_it(azd: Azd) -> None:
    assert failed(azd.up()) == []
    assert opened_and_closed(azd) == [
        *("keyvault add", "keyvault set", "keyvault set", "keyvault remove"),
        *("network approve", "network approve"),
        *("acr Allow", "acr build", "acr Deny"),
        "shared.cli migrate",
        *("storage add", "shared.cli upload", "storage remove"),
    ]
    azure = azd.programs.azure
    assert (azure["open"], azure["firewall"]) == ([], [])
    assert set(azure["endpoints"].values()) == {"Approved"}


def test_azd_up_again_leaves_no_firewall_open(azd: Azd) -> None:
    assert failed(azd.up()) == []
    azd.programs.forget()
    assert failed(azd.up()) == []
    assert "network approve" not in opened_and_closed(azd)
    assert azd.programs.azure["open"] == []


def test_a_deployment_that_was_open_loses_the_rule_for_all_of_azures_addresses(azd: Azd) -> None:
    azd.programs.azure["firewall"] = [ALL_OF_AZURE]
    assert failed(azd.up()) == []
    assert azd.programs.azure["firewall"] == []


def test_a_build_that_fails_leaves_the_registry_closed(azd: Azd) -> None:
    azd.programs.azure["build"] = "ERROR: failed to run step"
    assert len(failed(azd.up())) == 1
    assert azd.programs.azure["open"] == []


def test_a_build_behind_a_closed_firewall_is_refused(azd: Azd) -> None:
    """This Azure notices a step that does not open what it needs."""
    assert failed(azd.up()) == []
    azd.programs.azure["tags"] = []
    done = azd.programs.run("infra/image.sh", **azd.variables)
    assert done.returncode == 1
    assert "ForbiddenByFirewall" in done.stderr
