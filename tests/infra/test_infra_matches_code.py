"""The infrastructure agrees with the code: settings, metrics, the files of Data Factory."""

import json
import re
from pathlib import Path
from uuid import UUID

from checks.infra.template import Template, read
from checks.infra.values import Values
from function_app import ROUTES
from local.hosted import REPOSITORY
from shared.cache.cached_list import Outcome
from shared.repository.sql_sign_in import signs_in_itself
from shared.settings import Settings
from shared.settings.redis_url import parse_redis_url
from shared.telemetry import Count, Gauge, Measure, Requests

INFRA = REPOSITORY / "infra"
QUERIES = sorted((INFRA / "monitoring").rglob("*.kql"))

NOT_IN_AZURE = {"sqlite_path", "firebase_auth_emulator_host", "storage_connection_string"}
SET_BY_OTHERS = {"commit", "website_instance_id"}  # the image and Azure


PLATFORM = {
    *("FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME", "DOCKER_REGISTRY_SERVER_URL"),
    *("WEBSITES_ENABLE_APP_SERVICE_STORAGE", "WEBSITES_PORT", "AzureWebJobsDisableHomepage"),
    *("WEBSITE_SWAP_WARMUP_PING_PATH", "WEBSITE_SWAP_WARMUP_PING_STATUSES"),
    *("AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential"),
    *("AzureWebJobsStorage__clientId", "AzureFunctionsWebHost__hostid"),
    *("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "OTEL_TRACES_SAMPLER"),
    *("PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "OTEL_TRACES_SAMPLER_ARG"),
    "PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME",
}
"""Settings of the platform, its worker and the exporter. A misspelt one would have no effect."""

TEMPLATES = read(INFRA)[0]


def template(name: str) -> Template:
    return next(found for found in TEMPLATES if found.file == name)


def variable(name: str) -> dict[str, str]:
    """Return one of the app's groups of settings."""
    found: dict[str, str] = template("modules/app.bicep").variables[name]["value"]
    return found


DEPLOYED = {
    "firebaseProject": "a-project",
    "dataStorageUrl": "https://account.blob.core.windows.net/",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={UUID(int=1)}",
}
"""What a deployment puts in place of a parameter, and of a setting made by an expression."""


def deployed(name: str, value: object) -> str:
    """A setting as the app gets it; what is kept in the Key Vault is empty here."""
    if not isinstance(value, str):
        return DEPLOYED.get(name, "")
    if value.startswith("@"):
        return ""
    ports = re.sub(r"\$\{\w*Port\}", "1", value)
    return DEPLOYED.get(value, re.sub(r"\$\{\w+\}", "name", ports))


def test_every_setting_is_given_in_azure_and_no_other() -> None:
    given = set(variable("productSettings"))
    wanted = set(Settings.model_fields) - NOT_IN_AZURE - SET_BY_OTHERS
    assert given == {name.upper() for name in wanted} | {"AZURE_CLIENT_ID"}


def test_the_settings_of_the_app_are_accepted_where_the_app_runs_in_azure() -> None:
    given = variable("productSettings")
    resolved = {
        name.lower(): deployed(name, value)
        for name, value in given.items()
        if name.lower() in Settings.model_fields
    }
    settings = Settings.load(**resolved, website_instance_id="an instance")
    assert settings.uses_redis


def test_redis_and_sql_are_opened_with_the_app_s_identity() -> None:
    given = variable("productSettings")
    url = parse_redis_url(deployed("REDIS_URL", given["REDIS_URL"]))
    assert url.entra
    assert url.tls
    assert not signs_in_itself(given["SQL_CONNECTION_STRING"])
    assert "AZURE_CLIENT_ID" in given


def test_every_other_setting_is_one_that_the_platform_knows() -> None:
    given = {*variable("platformSettings"), *variable("productionSettings")}
    assert given == PLATFORM


def test_what_differs_between_the_slots_stays_there_when_they_are_swapped() -> None:
    production, staging = variable("productionSettings"), variable("stagingSettings")
    sticky = template("modules/app.bicep").resources["sticky"]["config"]["properties"]
    assert set(production) == set(staging) == set(sticky["appSettingNames"])
    assert not set(production.items()) & set(staging.items())


def test_the_health_that_decides_about_an_instance_and_a_swap_is_a_route() -> None:
    paths = {f"/{route.path}" for route in ROUTES}
    assert variable("siteConfig")["healthCheckPath"] in paths
    assert variable("platformSettings")["WEBSITE_SWAP_WARMUP_PING_PATH"] in paths


def test_the_port_is_the_image_s() -> None:
    port = variable("platformSettings")["WEBSITES_PORT"]
    assert f"EXPOSE {port}\n" in (REPOSITORY / "Dockerfile").read_text("utf-8")


def test_secrets_come_by_reference() -> None:
    given = variable("productSettings")
    for name in ("FIREBASE_API_KEY", "FIREBASE_CREDENTIALS"):
        assert given[name].startswith("@Microsoft.KeyVault(")


def test_no_output_is_a_secret() -> None:
    for found in TEMPLATES:
        for name in found.outputs:
            assert not re.search("(?i)key|secret|password|connectionString|token", name), name


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


def test_the_workbook_is_one_that_azure_can_read() -> None:
    workbook = template("modules/workbook.bicep")
    values = Values(workbook, chosen=True)
    parameters, *queries = values.of([workbook.variables["span"]["value"]]) + values.of(
        workbook.variables["queries"]["value"]
    )
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


def test_the_containers_are_those_of_data_factory() -> None:
    made = {
        resource["config"]["name"]
        for resource in template("modules/storage.bicep").resources.values()
        if resource["type"].endswith("/containers")
    }
    pipeline = (REPOSITORY / "adf/pipeline/load_spotify_features.json").read_text("utf-8")
    parameter = json.loads(pipeline)["properties"]["parameters"]["container"]["defaultValue"]
    assert made == {parameter, *re.findall(r'"path": "(.+)"', pipeline)}


def test_no_role_reaches_further_than_one_resource() -> None:
    scopes = [
        (found.file, name, resource["config"].get("scope"))
        for found in TEMPLATES
        for name, resource in found.resources.items()
        if resource["type"].endswith("/roleAssignments")
    ]
    assert len(scopes) > 8
    for file, name, scope in scopes:
        assert str(scope) in template(file).resources, (file, name)


def test_every_service_sends_its_logs_to_the_workspace() -> None:
    silent = {"alerts", "identities", "logs", "workbook"}
    for path in (INFRA / "modules").glob("*.bicep"):
        sends = "Microsoft.Insights/diagnosticSettings@" in path.read_text("utf-8")
        assert sends is (path.stem not in silent), path.name


def test_every_role_is_used() -> None:
    modules = "".join(path.read_text("utf-8") for path in INFRA.rglob("*.bicep"))
    roles = Path(INFRA / "roles.json").read_text("utf-8")
    for name in re.findall(r'"(\w+)":', roles):
        assert f"roles.{name})" in modules


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
