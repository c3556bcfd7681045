"""The checks of the infrastructure find each mistake, and none in our files."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from checks.infra import sources, versions
from checks.infra.evaluate import ENVIRONMENTS, evaluate
from checks.infra.rules import findings
from checks.infra.snapshots import parsed, read
from local.hosted import REPOSITORY
from tests.checks.changed_snapshot import changed, production, told

INFRA = REPOSITORY / "infra"
ID = "/subscriptions/s/resourceGroups/g/providers/"


def test_nothing_is_wrong_with_ours() -> None:
    assert findings(INFRA) == []
    assert len(read(INFRA)) == len(ENVIRONMENTS)


APP = "Web/sites"
CONFIG = "properties.siteConfig"
SETTING = "Web/sites/config"
GITHUB = "ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
ROLE = "properties.roleDefinitionId"


@pytest.mark.parametrize(
    ("kind", "name", "path", "value", "message"),
    [
        # The app and its plan.
        (APP, "", f"{CONFIG}.acrUserManagedIdentityID", f"{ID}x", "not its resource id"),
        (APP, "", f"{CONFIG}.acrUseManagedIdentityCreds", None, "acrUseManagedIdentityCreds"),
        (APP, "", "properties.keyVaultReferenceIdentity", "a client id", "not its client id"),
        (APP, "", "identity.userAssignedIdentities", {}, "has the app's roles"),
        (APP, "", "kind", "app", "functionapp,linux,container"),
        (APP, "", f"{CONFIG}.linuxFxVersion", "PYTHON|3.13", "the app is a container"),
        (APP, "", f"{CONFIG}.functionAppScaleLimit", 20, "the plan has as many workers"),
        (APP, "", f"{CONFIG}.minimumElasticInstanceCount", 11, "at most functionAppScaleLimit"),
        (APP, "", "properties.serverFarmId", f"{ID}x", "which is not made"),
        ("Web/serverfarms", "", "properties.reserved", None, "reserved means Linux"),
        ("Web/serverfarms", "", "kind", "linux", "plan.kind"),
        ("Web/serverfarms", "", "sku.tier", "Premium", "plan.sku.tier"),
        # Its settings.
        (SETTING, "app", "properties.WEBSITES_PORT", "80", "ASPNETCORE_URLS"),
        (SETTING, "app", "properties.WEBSITE_SWAP_WARMUP_PING_PATH", "/", "is healthy"),
        (SETTING, "app", "properties.AZURE_CLIENT_ID", "other", "AZURE_CLIENT_ID"),
        (SETTING, "app", "properties.AzureWebJobsStorage__accountName", "other", "Owner"),
        (SETTING, "app", "properties.DOCKER_REGISTRY_SERVER_URL", "https://x", "REGISTRY"),
        (SETTING, "app", "properties.STORAGE_ACCOUNT_URL", "https://x", "STORAGE_ACCOUNT_URL"),
        (SETTING, "app", "properties.SQL_CONNECTION_STRING", "Server=x", "SQL_CONNECTION"),
        (SETTING, "app", "properties.REDIS_URL", "redis://x:6379", "how its database is opened"),
        (SETTING, "app", "properties.CACHE_MODE", "off", "differ between the slots"),
        (SETTING, "app", "properties.FIREBASE_API_KEY", "@Microsoft.KeyVault(x)", "with a slash"),
        (SETTING, "slot", "properties.appSettingNames", [], "differ between the slots"),
        (SETTING, "app", "properties.FUNCTIONS_EXTENSION_VERSION", "~3", "version 4 of the host"),
        # Redis and SQL.
        ("Cache/redisEnterprise/databases", "", "properties.port", 6379, "REDIS_URL"),
        (
            *("Cache/redisEnterprise/databases", "", "properties.clusteringPolicy", "OSSCluster"),
            "must be 'rediss+cluster://",
        ),
        (
            "Cache/redisEnterprise/databases",
            "",
            "properties.evictionPolicy",
            "AllKeysLRU",
            "evicted",
        ),
        ("Cache/redisEnterprise/databases", "", "properties.clientProtocol", "Plaintext", "rediss"),
        (
            *("Cache/redisEnterprise/databases", "", "properties.accessKeysAuthentication"),
            *("Enabled", "accepts a password or a key"),
        ),
        ("Cache/redisEnterprise", "", "sku.name", "Balanced_B50", "at most 25 GB"),
        (
            *("Cache/redisEnterprise/databases/accessPolicyAssignments", ""),
            *("properties.user.objectId", "other", "by its principal id"),
        ),
        ("Sql/servers", "", "properties.publicNetworkAccess", "Disabled", "public address"),
        (
            "Sql/servers",
            "",
            "properties.administrators.azureADOnlyAuthentication",
            False,
            "password",
        ),
        ("Sql/servers/firewallRules", "", "properties.endIpAddress", "255.255.255.255", "Azure's"),
        # Authentication.
        ("ContainerRegistry/registries", "", "properties.adminUserEnabled", True, "or a key"),
        ("KeyVault/vaults", "", "properties.enableRbacAuthorization", None, "or a key"),
        ("Storage/storageAccounts", "host", "properties.allowSharedKeyAccess", True, "or a key"),
        ("Web/sites/basicPublishingCredentialsPolicies", "", "properties.allow", True, "or a key"),
        (GITHUB, "", "properties.issuer", "https://github.com", "GitHub's tokens"),
        (GITHUB, "", "properties.audiences", ["other"], "GitHub's tokens"),
        (GITHUB, "", "properties.subject", "repo:a/b:environment:dev", "environment of GitHub's"),
        # Data Factory and storage.
        (
            *("Storage/storageAccounts/managementPolicies", ""),
            *("properties.policy.rules.0.definition.filters.prefixMatch", ["logs/"]),
            "life of blobs: container logs",
        ),
        (
            *("DataFactory/factories/linkedservices", "database"),
            *("properties.typeProperties.server", "other", "made for it"),
        ),
        (
            *("DataFactory/factories/linkedservices", "storage"),
            *("properties.typeProperties.serviceEndpoint", "other", "made for it"),
        ),
        (
            *("DataFactory/factories/pipelines", ""),
            *("properties.parameters.container.defaultValue", "new", "pipeline: container new"),
        ),
        (
            *("DataFactory/factories/pipelines", "", "properties.activities.2.typeProperties"),
            *({"logSettings": {"logLocationSettings": {"path": "lost/x"}}}, "container lost"),
        ),
        (
            *("DataFactory/factories/triggers", ""),
            *("properties.typeProperties.blobPathBeginsWith", "/new/blobs/", "container new"),
        ),
        ("DataFactory/factories/triggers", "", "properties.typeProperties.scope", "x", "arrives"),
        # Roles.
        (
            *("Authorization/roleAssignments", "registries", ROLE, f"{ID}/b24988ac"),
            "which checks/infra/roles.py does not list",
        ),
        (
            *("Authorization/roleAssignments", "vaults", ROLE),
            *(f"{ID}/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "lacks the role KeyVaultSecretsUser"),
        ),
        (
            *("Authorization/roleAssignments", "components", "properties.principalId", "other"),
            "the app lacks the role MonitoringMetricsPublisher",
        ),
        (
            *("Authorization/roleAssignments", "vaults", "properties.principalType", None),
            "does not know a new identity",
        ),
        # Logs.
        (
            *("Insights/diagnosticSettings", "vaults", "properties.logs.0.category", "Audit"),
            "Microsoft.KeyVault/vaults has no logs of the category Audit",
        ),
        ("Insights/diagnosticSettings", "slots", "properties.logs.0.enabled", False, "are off"),
        ("Insights/diagnosticSettings", "slots", "properties.workspaceId", "x", "to the workspace"),
        ("Insights/components", "", "properties.WorkspaceResourceId", "x", "in the workspace"),
        # Names and versions.
        ("KeyVault/vaults", "", "name", "sc-production-0123456789a", "(25 characters)"),
        (
            "Storage/storageAccounts/blobServices/containers",
            "raw",
            "name",
            "a/b/R",
            "is no name of",
        ),
        ("Sql/servers", "", "name", "Smart", "is no name of"),
        ("Insights/workbooks", "", "type", "Microsoft.Insights/webtests2", "no rule for names"),
        ("KeyVault/vaults", "", "apiVersion", "2999-01-01", "younger than half a year"),
    ],
)
def test_a_mistake_in_a_resource_is_found(
    kind: str, name: str, path: str, value: object, message: str
) -> None:
    assert message in told(changed(kind, name, path, value))


def test_a_resource_that_is_made_twice_is_found() -> None:
    document = production()
    document["predictedResources"] *= 2
    assert "is made twice" in told(parsed("prod.snapshot.json", document))


def test_what_is_missing_is_said() -> None:
    document = production()
    document["predictedResources"] = [
        found for found in document["predictedResources"] if "/serverfarms/" not in found["id"]
    ]
    said = told(parsed("prod.snapshot.json", document))
    assert "there is no single Microsoft.Web/serverfarms" in said


def test_a_service_without_logs_is_found() -> None:
    document = production()
    document["predictedResources"] = [
        found
        for found in document["predictedResources"]
        if not (found["type"].endswith("/diagnosticSettings") and "slots" in found["id"])
    ]
    assert "/staging: sends its logs nowhere" in told(parsed("prod.snapshot.json", document))


def test_a_version_is_new_for_half_a_year() -> None:
    snapshot = read(INFRA)[0]
    assert list(versions.check(snapshot, date(2026, 11, 29))) == []
    assert list(versions.check(snapshot, date(2026, 6, 1))) != []


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    for folder in ("infra", "adf"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    sources.write(tmp_path)
    return tmp_path / "infra"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    "file",
    [
        *("main.bicep", "main.bicepparam", "sizes.bicep", "modules/vault.bicep", "roles.json"),
        *("monitoring/alerts/few-hits.kql", "../adf/trigger/new_csv.json"),
    ],
)
def test_a_machine_without_bicep_notices_that_the_snapshots_are_old(infra: Path, file: str) -> None:
    path = infra / file
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    (told_of,) = findings(infra)
    assert str(told_of).endswith(": changed after the snapshots; run `make snapshot`")


def test_a_file_that_the_snapshots_do_not_know_is_noticed(infra: Path) -> None:
    (infra / "modules" / "new.bicep").touch()
    (infra / "modules" / "vault.bicep").unlink()
    told_of = [Path(found.file).name for found in findings(infra)]
    assert told_of == ["new.bicep", "vault.bicep"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("    database\n", "staging.dependsOn: lacks database"),
        ("    storage\n", "csv.dependsOn: lacks storage"),
        ("    load\n", "trigger.dependsOn: lacks load"),
        ("    csv\n", "load.dependsOn: lacks csv"),
    ],
)
def test_a_resource_of_data_factory_waits_for_those_of_its_file(
    infra: Path, lines: str, message: str
) -> None:
    edit(infra / "modules" / "factory.bicep", lines, "")
    assert message in "\n".join(map(str, findings(infra)))


def test_a_secret_that_nobody_stores_is_found(infra: Path) -> None:
    edit(infra / "secrets.sh", "store firebase-api-key ", "store firebase-key ")
    assert "infra/secrets.sh stores these" in "\n".join(map(str, findings(infra)))


@pytest.mark.usefixtures("bicep")
def test_a_snapshot_is_that_of_the_template() -> None:
    assert evaluate(REPOSITORY, "dev", "validate")


@pytest.mark.usefixtures("bicep")
def test_a_change_of_the_template_is_a_difference(
    infra: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(infra / "modules" / "vault.bicep", "'standard'", "'premium'")
    assert not evaluate(infra.parent, "prod", "validate")
    said = capsys.readouterr().err
    assert "infra/snapshots/prod.bicepparam: run `make snapshot` and review the difference" in said
    assert "premium" in said


@pytest.mark.usefixtures("bicep")
def test_a_mistake_is_named_when_the_snapshots_are_written_again(infra: Path) -> None:
    edit(
        infra / "roles.json",
        "4633458b-17de-408a-b874-0445c86b69e6",
        "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    )
    assert evaluate(infra.parent, "prod", "overwrite")
    said = "\n".join(map(str, findings(infra)))
    assert "vaults: the app lacks the role KeyVaultSecretsUser" in said
