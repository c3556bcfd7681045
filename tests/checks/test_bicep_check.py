"""What Bicep's compiler finds in infra/ is a finding of `make check`."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from checks.bicep import findings

SOUND = """\
resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: 'example'
  location: 'westeurope'
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
}
"""

pytestmark = pytest.mark.usefixtures("bicep")


def found(folder: Path, text: str, name: str = "main.bicep") -> Sequence[str]:
    (folder / "infra").mkdir(exist_ok=True)
    (folder / "infra" / name).write_text(text, "utf-8")
    return findings(folder)


def test_a_sound_file_has_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path, SOUND) == []


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("'StorageV2'", "2", "infra/main.bicep(4,9) : Warning BCP036"),
        ("kind:", "kin:", "BCP089"),
        ("@2024-01-01", "@2024-01-02", "BCP081"),
        ("  kind", "    kind", "is not formatted (bicep format infra/main.bicep)"),
    ],
)
def test_a_mistake_is_found(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    lines = found(tmp_path, SOUND.replace(right, wrong))
    assert any(message in line for line in lines), lines


def test_a_file_of_parameters_is_checked_too(tmp_path: Path) -> None:
    found(tmp_path, SOUND)
    lines = found(tmp_path, "using './main.bicep'\n\nparam nothing = 1\n", "main.bicepparam")
    assert any("infra/main.bicepparam(3,1) : Error BCP259" in line for line in lines), lines


def test_a_fault_of_a_module_is_said_once(tmp_path: Path) -> None:
    found(tmp_path, "param unused string\n", "part.bicep")
    module = "module part 'part.bicep' = {\n  params: {\n    unused: ''\n  }\n}\n"
    assert len([line for line in found(tmp_path, module) if "part.bicep(1,7)" in line]) == 1


def test_the_rules_are_those_of_the_repository(tmp_path: Path) -> None:
    rule = '{"analyzers": {"core": {"rules": {"no-hardcoded-location": {"level": "error"}}}}}'
    (tmp_path / "bicepconfig.json").write_text(rule, "utf-8")
    assert any("Error no-hardcoded-location" in line for line in found(tmp_path, SOUND))
