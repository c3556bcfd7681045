"""The infrastructure agrees with the code: settings, metrics, the files of Data Factory."""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest
from azure.monitor.opentelemetry._utils.configurations import _default_sampling_ratio
from azure.monitor.opentelemetry.exporter._utils import _get_cloud_role
from opentelemetry.sdk.resources import Resource

from checks.infra.expressions import evaluated
from checks.infra.snapshots import Snapshot, read
from function_app import ROUTES
from local.hosted import REPOSITORY
from shared.cache.cached_list import Outcome
from shared.repository.sql_sign_in import signs_in_itself
from shared.settings import Settings
from shared.settings.redis_url import parse_redis_url
from shared.telemetry import Count, Gauge, Measure, Requests

INFRA = REPOSITORY / "infra"
QUERIES = sorted((INFRA / "monitoring").rglob("*.kql"))

NOT_IN_AZURE = {
    *("sqlite_path", "firebase_auth_emulator_host", "storage_connection_string"),
    "cache_status_public",
}
SET_BY_OTHERS = {"commit", "website_instance_id"}  # the image and Azure


PLATFORM = {
    *("FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME", "DOCKER_REGISTRY_SERVER_URL"),
    *("WEBSITES_ENABLE_APP_SERVICE_STORAGE", "WEBSITES_PORT", "AzureWebJobsDisableHomepage"),
    *("WEBSITE_SWAP_WARMUP_PING_PATH", "WEBSITE_SWAP_WARMUP_PING_STATUSES"),
    *("AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential"),
    *("AzureWebJobsStorage__clientId", "AzureFunctionsWebHost__hostid"),
    *("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "OTEL_TRACES_SAMPLER"),
    *("PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "OTEL_TRACES_SAMPLER_ARG"),
    *("PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME", "AZURE_CLIENT_ID", "OTEL_SERVICE_NAME"),
    "ASPNETCORE_URLS",
}
"""Settings of the platform, its worker and the exporter. A misspelt one would have no effect."""

SNAPSHOTS = read(INFRA)
each_environment = pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=lambda found: found.file)

MADE_BY_AZURE = {
    "primaryEndpoints.blob": "https://account.blob.core.windows.net/",
    "ConnectionString": f"InstrumentationKey={UUID(int=1)}",
    "fullyQualifiedDomainName": "server.database.windows.net",
    "hostName": "redis.example",
    "clientId": str(UUID(int=2)),
    "loginServer": "registry.azurecr.io",
    "vaultUri": "https://vault.vault.azure.net/",
}


def app_settings(snapshot: Snapshot, site: str = "sites") -> dict[str, str]:
    """The settings of the app or of a slot, with examples for what Azure makes up."""
    given = snapshot.the(f"Microsoft.Web/{site}/config", "appsettings").properties
    return {
        name: evaluated(value, lambda _, property_: MADE_BY_AZURE[property_])
        for name, value in given.items()
    }


@each_environment
def test_every_setting_of_the_app_is_given_in_azure(snapshot: Snapshot) -> None:
    wanted = set(Settings.model_fields) - NOT_IN_AZURE - SET_BY_OTHERS
    assert {name.upper() for name in wanted} <= set(app_settings(snapshot))


@each_environment
def test_every_other_setting_is_one_that_the_platform_knows(snapshot: Snapshot) -> None:
    others = {name for name in app_settings(snapshot) if name.lower() not in Settings.model_fields}
    assert others == PLATFORM


@each_environment
def test_the_settings_of_the_app_are_accepted_where_the_app_runs_in_azure(
    snapshot: Snapshot,
) -> None:
    resolved = {
        name.lower(): "" if value.startswith("@") else value
        for name, value in app_settings(snapshot).items()
        if name.lower() in Settings.model_fields
    }
    settings = Settings.load(**resolved, website_instance_id="an instance")
    assert settings.uses_redis


@each_environment
def test_redis_and_sql_are_opened_with_the_app_s_identity(snapshot: Snapshot) -> None:
    given = app_settings(snapshot)
    url = parse_redis_url(given["REDIS_URL"])
    assert url.entra
    assert url.tls
    assert not signs_in_itself(given["SQL_CONNECTION_STRING"])
    assert given["AZURE_CLIENT_ID"] == MADE_BY_AZURE["clientId"]


@each_environment
def test_the_health_that_decides_about_an_instance_and_a_swap_is_a_route(
    snapshot: Snapshot,
) -> None:
    paths = {f"/{route.path}" for route in ROUTES}
    site = snapshot.the("Microsoft.Web/sites").properties["siteConfig"]
    assert site["healthCheckPath"] in paths


@each_environment
def test_the_port_is_the_image_s(snapshot: Snapshot) -> None:
    given = app_settings(snapshot)
    image = (REPOSITORY / "Dockerfile").read_text("utf-8")
    assert f"EXPOSE {given['WEBSITES_PORT']}\n" in image
    assert f" ASPNETCORE_URLS={given['ASPNETCORE_URLS']} " in image


@each_environment
def test_the_worker_keeps_the_share_of_traces_that_the_environment_says(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = app_settings(snapshot)
    for name in ("OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"):
        monkeypatch.setenv(name, given[name])
    configurations: dict[str, float] = {}
    _default_sampling_ratio(configurations)  # type: ignore[no-untyped-call]  # it has no types
    assert configurations == {"sampling_ratio": float(given["OTEL_TRACES_SAMPLER_ARG"])}


@each_environment
def test_each_slot_gets_its_own_image(snapshot: Snapshot) -> None:
    app, slot = (
        snapshot.the(kind).properties["siteConfig"]["linuxFxVersion"]
        for kind in ("Microsoft.Web/sites", "Microsoft.Web/sites/slots")
    )
    assert app == "DOCKER|example.azurecr.io/smart-cache:current"
    assert slot == "DOCKER|example.azurecr.io/smart-cache:previous"


@each_environment
@pytest.mark.parametrize(("site", "suffix"), [("sites", ""), ("sites/slots", "-staging")])
def test_the_exporter_reports_each_slot_under_the_name_that_the_portal_looks_for(
    snapshot: Snapshot, site: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = snapshot.the("Microsoft.Web/sites").name
    monkeypatch.setenv("WEBSITE_SITE_NAME", app)  # in both slots
    monkeypatch.setenv("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "azure_functions")  # as the worker
    for name, value in app_settings(snapshot, site).items():
        monkeypatch.setenv(name, value)
    assert _get_cloud_role(Resource.create()) == app + suffix


@each_environment
def test_no_output_is_a_secret(snapshot: Snapshot) -> None:
    for name in snapshot.outputs:
        assert not re.search("KEY|SECRET|PASSWORD|CONNECTION|TOKEN", name), name


def test_every_metric_of_a_query_exists() -> None:
    known = {name.exported for kind in (Count, Measure, Requests, Gauge) for name in kind}
    for path in QUERIES:
        named = set(re.findall(r'"(smartcache\.[a-z.-]+)"', path.read_text("utf-8")))
        assert named <= known, path.name


def test_every_outcome_of_a_query_exists() -> None:
    known = {str(outcome) for outcome in Outcome}
    for path in QUERIES:
        for line in re.findall(r"outcome.*(?:in \(|== )(.*)", path.read_text("utf-8")):
            assert set(re.findall(r'"(\w+)"', line)) <= known, path.name


def test_every_query_is_used() -> None:
    modules = "".join(path.read_text("utf-8") for path in INFRA.rglob("*.bicep"))
    for path in QUERIES:
        assert f"{path.relative_to(INFRA).as_posix()}'" in modules


@each_environment
def test_the_workbook_is_one_that_azure_can_read(snapshot: Snapshot) -> None:
    workbook = snapshot.the("Microsoft.Insights/workbooks").properties["serializedData"]
    parameters, *queries = json.loads(workbook)["items"]
    assert (parameters["type"], parameters["content"]["version"]) == (9, "KqlParameterItem/1.0")
    (span,) = parameters["content"]["parameters"]
    assert span["value"] in span["typeSettings"]["selectableValues"]
    known = "version query title size timeContextFromParameter queryType resourceType visualization"
    assert len(queries) >= 5
    for item in queries:
        assert (item["type"], set(item["content"])) == (3, set(known.split())), item["name"]
        assert item["content"]["timeContextFromParameter"] == span["name"]
        assert item["content"]["version"] == "KqlItem/1.0"


def test_data_factory_gets_every_file_of_adf() -> None:
    module = (INFRA / "modules/factory.bicep").read_text("utf-8")
    for path in sorted((REPOSITORY / "adf").rglob("*/*.json")):
        assert f"'../../{path.relative_to(REPOSITORY).as_posix()}'" in module


@each_environment
def test_the_containers_are_those_of_data_factory(snapshot: Snapshot) -> None:
    containers = snapshot.of_type("Microsoft.Storage/storageAccounts/blobServices/containers")
    made = {container.name.rpartition("/")[2] for container in containers}
    pipeline = (REPOSITORY / "adf/pipeline/load_spotify_features.json").read_text("utf-8")
    parameter = json.loads(pipeline)["properties"]["parameters"]["container"]["defaultValue"]
    assert made == {parameter, *re.findall(r'"path": "(.+)"', pipeline)}


def test_every_role_is_used() -> None:
    modules = "".join(path.read_text("utf-8") for path in INFRA.rglob("*.bicep"))
    roles = Path(INFRA / "roles.json").read_text("utf-8")
    for name in re.findall(r'"(\w+)":', roles):
        assert f"roles.{name}" in modules


def test_a_role_of_the_database_that_data_factory_names_is_one_of_the_migrations() -> None:
    migrations = REPOSITORY / "shared" / "repository" / "migrations" / "versions"
    made = set(
        re.findall(
            r'"(spotify_\w+)": \($', (migrations / "0002_roles.py").read_text(), re.MULTILINE
        )
    )
    file = (REPOSITORY / "adf" / "linkedService" / "database.json").read_text("utf-8")
    (named,) = re.findall(r"the role (\w+)", file)
    assert named in made


def test_every_rule_of_the_scanner_that_is_skipped_says_why() -> None:
    for path in INFRA.rglob("*.bicep"):
        for skipped in re.findall(r"checkov:skip=(.*)", path.read_text("utf-8")):
            assert re.fullmatch(r"CKV2?_AZURE_\d+:.{8,}", skipped), path.name
    _, _, rules = (INFRA / ".checkov.yaml").read_text("utf-8").partition("skip-check:\n")
    above = ""
    for line in rules.splitlines():
        reason = line.partition("#")[2] or above
        assert reason or not line.startswith("  - "), line
        above = reason
