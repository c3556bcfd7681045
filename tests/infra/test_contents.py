"""The infrastructure and the code agree: settings, metrics, the files of Data Factory."""

import re
from pathlib import Path

from checks.infra.template import Template, read
from local.hosted import REPOSITORY
from shared.catalog.served import Outcome
from shared.settings import Settings
from shared.telemetry import Count, Gauge, Measure

INFRA = REPOSITORY / "infra"
QUERIES = sorted((INFRA / "monitoring").rglob("*.kql"))

NOT_IN_AZURE = {"sqlite_path", "firebase_auth_emulator_host", "storage_connection_string"}
SET_BY_OTHERS = {"commit", "website_instance_id"}  # the image and Azure


def template(name: str) -> Template:
    return next(found for found in read(INFRA)[0] if found.file == name)


def test_every_setting_is_given_in_azure_and_no_other() -> None:
    given = set(template("modules/app.bicep").variables["productSettings"]["value"])
    wanted = set(Settings.model_fields) - NOT_IN_AZURE - SET_BY_OTHERS
    assert given == {name.upper() for name in wanted} | {"AZURE_CLIENT_ID"}


def test_the_settings_of_the_app_are_accepted_where_the_app_runs_in_azure() -> None:
    given = template("modules/app.bicep").variables["productSettings"]["value"]
    known = {name.lower(): str(text) for name, text in given.items()}
    resolved = {
        name: "" if text.startswith("@") else text
        for name, text in known.items()
        if name in Settings.model_fields
    }
    settings = Settings.load(**resolved, website_instance_id="an instance")
    assert settings.uses_redis


def test_secrets_come_by_reference() -> None:
    given = template("modules/app.bicep").variables["productSettings"]["value"]
    for name in ("FIREBASE_API_KEY", "FIREBASE_CREDENTIALS"):
        assert given[name].startswith("@Microsoft.KeyVault(")


def test_no_output_is_a_secret() -> None:
    for found in read(INFRA)[0]:
        for name in found.outputs:
            assert not re.search("(?i)key|secret|password|connectionString|token", name), name


def test_every_metric_of_a_query_exists() -> None:
    known = {name.exported for kind in (Count, Measure, Gauge) for name in kind}
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


def test_data_factory_gets_every_file_of_adf() -> None:
    module = (INFRA / "modules/factory.bicep").read_text("utf-8")
    for path in sorted((REPOSITORY / "adf").rglob("*/*.json")):
        assert f"'../../{path.relative_to(REPOSITORY).as_posix()}'" in module


def test_every_role_is_used() -> None:
    modules = "".join(path.read_text("utf-8") for path in INFRA.rglob("*.bicep"))
    roles = Path(INFRA / "roles.json").read_text("utf-8")
    for name in re.findall(r'"(\w+)":', roles):
        assert f"roles.{name})" in modules
