"""What checkov is given: the final resources, each with the rules that its comments skip."""

import json
import re
from pathlib import Path

from checks.infra.scannable import skips, write
from local.hosted import REPOSITORY

INFRA = REPOSITORY / "infra"
VAULT = """\
// checkov:skip=CKV_AZURE_1:not beside a resource, so it skips nothing

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' = if (wanted) {
  // It is named by the caller.
  // checkov:skip=CKV_AZURE_109:access needs a role in Entra
  name: name
  // checkov:skip=CKV_AZURE_2:nor here
}
"""


def _snapshot(infra: Path, *kinds: str) -> None:
    (infra / "snapshots").mkdir(parents=True)
    resources = [{"type": kind, "name": "example", "properties": {}} for kind in kinds]
    text = json.dumps({"predictedResources": resources, "diagnostics": []})
    (infra / "snapshots" / "prod.snapshot.json").write_text(text, "utf-8")


def test_a_rule_is_skipped_for_the_resource_beside_which_it_stands(tmp_path: Path) -> None:
    infra = tmp_path / "infra"
    _snapshot(infra, "Microsoft.KeyVault/vaults", "Microsoft.Sql/servers")
    (infra / "vault.bicep").write_text(VAULT, "utf-8")
    write(infra, tmp_path / "scan")
    written = json.loads((tmp_path / "scan" / "prod.snapshot.json").read_text("utf-8"))
    assert written["$schema"].endswith("/deploymentTemplate.json#")
    vault, server = written["resources"]
    skipped = {"id": "CKV_AZURE_109", "comment": "access needs a role in Entra"}
    assert vault["metadata"] == {"checkov": [skipped]}
    assert server["metadata"] == {"checkov": []}
    assert vault["name"] == "example"


def test_a_snapshot_that_is_gone_is_not_scanned_again(tmp_path: Path) -> None:
    _snapshot(tmp_path / "infra", "Microsoft.Sql/servers")
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / "old.snapshot.json").touch()
    write(tmp_path / "infra", tmp_path / "scan")
    assert [path.name for path in (tmp_path / "scan").iterdir()] == ["prod.snapshot.json"]


def test_every_comment_that_skips_a_rule_stands_beside_a_resource_that_is_deployed() -> None:
    texts = [path.read_text("utf-8") for path in INFRA.rglob("*.bicep")]
    found = skips(INFRA)
    written = sum(len(re.findall("checkov:skip=", text)) for text in texts)
    assert sum(map(len, found.values())) == written > 0
    snapshots = [
        json.loads(path.read_text("utf-8"))
        for path in (INFRA / "snapshots").glob("*.snapshot.json")
    ]
    deployed = {
        resource["type"].lower()
        for snapshot in snapshots
        for resource in snapshot["predictedResources"]
    }
    assert set(found) <= deployed
