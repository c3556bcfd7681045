"""The checks of the infrastructure find each mistake, and none in our files."""

import shutil
from pathlib import Path

import pytest

from checks.infra.rules import findings
from local.hosted import REPOSITORY


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    for folder in ("infra", "adf"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    return tmp_path / "infra"


def found_after(infra: Path, file: str, old: str, new: str) -> str:
    """Replace the first `old` of a file by `new`; return the findings as text."""
    path = infra / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return "\n".join(map(str, findings(infra)))


def test_nothing_is_wrong_with_ours(infra: Path) -> None:
    assert findings(infra) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("app", "httpsOnly: true", "httpsOny: true", "SiteProperties has no such property"),
        ("app", "'~4'", "4", "must be of type str"),
        ("app", "appSettingNames:", "appSettings:", "SlotConfigNames has no such property"),
        ("app", "name: 'slotConfigNames'", "name: 'slotNames'", "no model is known"),
        ("app", "    allow: false", "    allow: 'no'", "must be of type bool"),
        ("app", "scope: site\n", "scope: sight\n", "sight: is declared nowhere"),
        ("app", "?auth=entra", "?auth=${secret}", "secret: is declared nowhere"),
        ("database", "state: 'Enabled'", "state: 'On'", "is not one of"),
        ("storage", "2026-09-01", "2021-09-01", "the models describe version 2026-09-01"),
        ("vault", "    tenantId: subscription().tenantId\n", "", "requires it"),
        ("redis", "'Disabled'\n    publicN", "true\n    publicN", "must be of type str"),
        ("alerts", "query: rule.query", "query: rule.kql", "kql is no property"),
        ("alerts", "${rule.name}.kql", "${rule.file}.kql", "file is no property"),
        ("registry", "roles.AcrPull)", "roles.AcrPul)", "AcrPul is no property"),
        ("factory", "csvFile.properties", "csvFile.property", "property is no property"),
        (
            "factory",
            "  name: storageName",
            "  names: storageName",
            "has no meaning for an existing resource",
        ),
        ("alerts", "metricName:", "metrikName:", "has no such property"),
        ("factory", "new_csv.json", "old_csv.json", "there is no"),
        ("workbook", "'../monitoring/workbook/errors.kql'", "'x.kql'", "there is no"),
        ("registry", "Registry/registries@", "Registry/registers@", "no model is known"),
        ("vault", "= vault.name", "= vault.listKeys().key", "asks for a key"),
        ("vault", "output name string", "output name", "is no Bicep"),
    ],
)
def test_a_mistake_in_a_module_is_found(
    infra: Path, file: str, old: str, new: str, told: str
) -> None:
    assert told in found_after(infra, f"modules/{file}.bicep", old, new)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    sku: redisSku\n", "", "requires sku"),
        ("    sku: redisSku\n", "    sku: redisSku\n    size: redisSku\n", "no parameter size"),
        ("param sqlSku string", "param sqlSkus string", "requires sqlSkus"),
        ("modules/vault.bicep", "modules/safe.bicep", "its file does not exist"),
        ("  name: 'redis'\n", "  nam: 'redis'\n", "no module has such a property"),
        ("logs.outputs.insightsName", "logs.outputs.insights", "has no output insights"),
    ],
)
def test_a_module_gets_exactly_its_parameters(infra: Path, old: str, new: str, told: str) -> None:
    assert told in found_after(infra, "main.bicep", old, new)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"minimumInstances"', '"minimalInstances"', "has no parameter minimalInstances"),
        ('"alertEmail"', '"environment"', "requires alertEmail"),
        ('"value": "dev"', '"value": "test"', "'test' is not one of dev, prod"),
        ('"value": false', '"value": "no"', "must be of type bool, not 'no'"),
        ('"value": 1\n', '"value": 0\n', "0 is less than 1"),
    ],
)
def test_an_environment_s_file_holds_every_parameter_and_sound_values(
    infra: Path, old: str, new: str, told: str
) -> None:
    assert told in found_after(infra, "main.dev.parameters.json", old, new)
